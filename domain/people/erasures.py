"""Erasures: who was to be forgotten, on which basis, and what of it was carried out.

One record for each subject, without a word that tells of the person: it outlives the erasure, and
proves it. What is erased can not come back; what has to be kept is named, with the day it ends.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final, NewType, Self
from uuid import UUID, uuid5

from domain.base import AggregateRoot, Change, Created
from domain.errors import Conflict, NotFound
from domain.personal import Retention

ErasureId = NewType("ErasureId", UUID)

_NAMESPACE: Final = UUID("e7a5e000-4d0b-5b8e-9d57-2f1c3a6b8d90")
_YEAR_ENDS_IN: Final = timezone(timedelta(hours=1))
"""Germany and Austria are an hour ahead of UTC when the year ends."""
BOOKS_YEARS: Final = 8
"""AO § 147 (3), HGB § 257 (4): vouchers are kept for eight years."""


class ErasureNotFound(NotFound):
    """There is no erasure {id}."""


class ErasureUnderWay(Conflict):
    """The erasure of {subject} is ordered already; wait until it is carried out."""


class ErasureCarriedOut(Conflict):
    """The erasure {id} is carried out already; order it again to have it done once more."""


class SubjectKind(StrEnum):
    """What kind of record tells of the person who is forgotten."""

    CONTACT = "contact"
    USER = "user"
    CUSTOMER = "customer"
    LOCATION = "location"
    TICKET = "ticket"
    INTERACTION = "interaction"


class ErasureBasis(StrEnum):
    """Why something is erased."""

    REQUEST = "request"
    """The person asked: GDPR article 17 (1) b, c or d."""
    PURPOSE = "purpose"
    """It is not needed any more for what it was collected for: GDPR article 17 (1) a."""
    TERM = "term"
    """The term for which the law has it kept is over: AO § 147 (3), HGB § 257 (4)."""


class Progress(StrEnum):
    """How far an erasure has come."""

    ORDERED = "ordered"
    CARRIED_OUT = "carried_out"


@dataclass(frozen=True)
class KeptKey:
    """A key that was not destroyed, since the law has what it opens kept."""

    subject_id: UUID
    retention: Retention
    until: date
    """The last day on which it has to be kept."""


def erasure_id(subject_id: UUID) -> ErasureId:
    """Return the record of a subject's erasure: there is one for each."""
    return ErasureId(uuid5(_NAMESPACE, str(subject_id)))


def kept_until(retention: Retention, last_event_at: datetime) -> date | None:
    """Return the last day on which something has to be kept, None where nothing keeps it.

    For the books, that is the end of the eighth year after the year of the last event.
    """
    if retention is Retention.NONE:
        return None
    return date(last_event_at.astimezone(_YEAR_ENDS_IN).year + BOOKS_YEARS, 12, 31)


def has_to_be_kept(retention: Retention, last_event_at: datetime, *, at: datetime) -> bool:
    """Tell whether the law still has something kept at this time."""
    until = kept_until(retention, last_event_at)
    return until is not None and at.astimezone(_YEAR_ENDS_IN).date() <= until


class Erasure(AggregateRoot):
    """That somebody is to be forgotten, and was."""

    TOPIC = "erasure"
    MISSING = ErasureNotFound

    subject_id: UUID
    """The record that tells of the person."""
    subject_kind: SubjectKind
    basis: ErasureBasis
    status: Progress = Progress.ORDERED
    ordered_at: datetime = field(init=False)
    """When it was ordered last."""
    carried_out_at: datetime | None = None
    """When it was carried out last."""
    subjects: tuple[UUID, ...] = ()
    """The record and all that fell with it."""
    keys_destroyed: int = 0
    kept: tuple[KeptKey, ...] = ()
    plain_events: int = 0

    class Ordered(Created):
        """Somebody is to be forgotten."""

        TOPIC = "erasure.ordered"
        subject_id: UUID
        subject_kind: SubjectKind
        basis: ErasureBasis

        def apply(self, erasure: "Erasure") -> None:
            erasure.ordered_at = self.timestamp

    class Reordered(Change):
        """What was kept, or has come since, is to be erased, too."""

        TOPIC = "erasure.reordered"
        basis: ErasureBasis

        def apply(self, erasure: "Erasure") -> None:
            super().apply(erasure)
            erasure.status = Progress.ORDERED
            erasure.ordered_at = self.timestamp

    class CarriedOut(Change):
        """Keys were destroyed, and with them what they opened: here is what, and what was kept."""

        TOPIC = "erasure.carried_out"
        subjects: tuple[UUID, ...]
        keys_destroyed: int
        kept: tuple[KeptKey, ...]
        plain_events: int
        """Events that were stored before there was encryption, which nobody can erase."""

        def apply(self, erasure: "Erasure") -> None:
            super().apply(erasure)
            erasure.status = Progress.CARRIED_OUT
            erasure.carried_out_at = self.timestamp

    @classmethod
    def order(
        cls, *, subject_id: UUID, subject_kind: SubjectKind, basis: ErasureBasis, at: datetime
    ) -> Self:
        """Have a subject forgotten for the first time."""
        return cls.begin(
            erasure_id(subject_id),
            cls.Ordered,
            at,
            subject_id=subject_id,
            subject_kind=subject_kind,
            basis=basis,
        )

    def reorder(self, *, basis: ErasureBasis, at: datetime) -> None:
        """Have the subject forgotten once more, e.g. when a term is over.

        Raises `ErasureUnderWay` while the order before is not carried out.
        """
        if self.status is Progress.ORDERED:
            raise ErasureUnderWay(subject=self.subject_id)
        self.record(self.Reordered, at, basis=basis)

    def carry_out(
        self,
        *,
        subjects: tuple[UUID, ...],
        keys_destroyed: int,
        kept: tuple[KeptKey, ...],
        plain_events: int,
        at: datetime,
    ) -> None:
        """Note what was destroyed and kept; raises `ErasureCarriedOut` unless it is ordered."""
        if self.status is Progress.CARRIED_OUT:
            raise ErasureCarriedOut(id=self.id)
        self.record(
            self.CarriedOut,
            at,
            subjects=subjects,
            keys_destroyed=keys_destroyed,
            kept=kept,
            plain_events=plain_events,
        )
