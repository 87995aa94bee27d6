"""Interactions: what was said, written and seen between the provider and a customer."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final, NewType, Self
from uuid import UUID

from domain.archiving import Archivable, WasArchived, WasRestored
from domain.base import Change, Created
from domain.checks import KEPT, Kept
from domain.errors import Conflict, Invalid, NotFound
from domain.personal import Personal
from domain.rules import Line, Text
from domain.values import ContactId, CustomerId

InteractionId = NewType("InteractionId", UUID)

AHEAD: Final = timedelta(days=1)
"""How far ahead of its recording an interaction may lie: clocks and time zones differ."""
A_DAY: Final = 24 * 60
PARTICIPANTS: Final = 50


class InteractionNotFound(NotFound):
    """There is no interaction {id}."""


class InteractionArchived(Conflict):
    """The interaction {id} is archived; restore it first."""


class HappensLater(Invalid):
    """`happened_at` {happened_at} is more than a day ahead; record what has happened by now."""

    field = "happened_at"


class InstantOutOfRange(Invalid):
    """`{name}` is no instant between the years 1 and 9999 in UTC."""


class DurationInvalid(Invalid):
    """`{name}` takes whole minutes from 0 to {limit}, a day, not {minutes}."""


class TooManyContacts(Invalid):
    """An interaction names at most {limit} contacts."""

    field = "contact_ids"


class InteractionKind(StrEnum):
    """In which way people met."""

    CALL = "call"
    MEETING = "meeting"
    EMAIL = "email"
    NOTE = "note"
    VISIT = "visit"


class Direction(StrEnum):
    """Who began: the customer, the provider, or nobody in particular."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    NONE = "none"


def in_utc(name: str, value: datetime) -> datetime:
    """Return the instant in UTC; raises `InstantOutOfRange` at the edges of the calendar."""
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise InstantOutOfRange(name=name) from None


def up_to_a_day(name: str, minutes: int) -> int:
    """Return the minutes; raises `DurationInvalid` unless they fit into a day."""
    if not 0 <= minutes <= A_DAY:
        raise DurationInvalid(name=name, minutes=minutes, limit=A_DAY)
    return minutes


def once_each(_: str, ids: Iterable[UUID]) -> tuple[ContactId, ...]:
    """Return the contacts sorted, once each; raises `TooManyContacts`."""
    contacts = tuple(ContactId(one) for one in sorted(set(ids)))
    if len(contacts) > PARTICIPANTS:
        raise TooManyContacts(limit=PARTICIPANTS)
    return contacts


HappenedAt = Annotated[datetime, in_utc]
Minutes = Annotated[int, up_to_a_day]
Contacts = Annotated[tuple[ContactId, ...], once_each]
Subject = Annotated[str, Line(200), Personal()]
Words = Annotated[str, Text(20_000), Personal()]


class Interaction(Archivable):
    """A call, a meeting, an e-mail, a note or a visit; the customer's people never see it."""

    TOPIC = "interaction"
    MISSING = InteractionNotFound
    ARCHIVED = InteractionArchived

    customer_id: CustomerId
    kind: InteractionKind
    direction: Direction
    happened_at: datetime
    minutes: int | None
    """How long it took, where that is known."""
    subject: str
    text: str
    contact_ids: tuple[ContactId, ...]
    """The customer's people who took part."""

    class Recorded(Created):
        """The interaction was written down."""

        TOPIC = "interaction.recorded"
        customer_id: CustomerId
        kind: InteractionKind
        direction: Direction
        happened_at: HappenedAt
        minutes: Minutes | None
        subject: Subject
        text: Words
        contact_ids: Contacts

    class Corrected(Change):
        """What was written down is corrected; what stays is not named."""

        TOPIC = "interaction.corrected"
        kind: InteractionKind | Kept = KEPT
        direction: Direction | Kept = KEPT
        happened_at: HappenedAt | Kept = KEPT
        minutes: Minutes | Kept | None = KEPT
        subject: Subject | Kept = KEPT
        text: Words | Kept = KEPT
        contact_ids: Contacts | Kept = KEPT

    class Archived(WasArchived):
        """The interaction does not count any more."""

        TOPIC = "interaction.archived"

    class Restored(WasRestored):
        """The interaction counts again."""

        TOPIC = "interaction.restored"

    @classmethod
    def write_down(
        cls,
        id: InteractionId,
        *,
        customer_id: CustomerId,
        kind: InteractionKind,
        happened_at: datetime,
        subject: str,
        direction: Direction = Direction.NONE,
        minutes: int | None = None,
        text: str = "",
        contact_ids: Sequence[UUID] = (),
        at: datetime,
    ) -> Self:
        """Write an interaction down; raises `HappensLater` and what the fields' rules refuse."""
        _require_past(happened_at, at)
        return cls.begin(
            id,
            cls.Recorded,
            at,
            customer_id=customer_id,
            kind=kind,
            direction=direction,
            happened_at=happened_at,
            minutes=minutes,
            subject=subject,
            text=text,
            contact_ids=once_each("contact_ids", contact_ids),
        )

    def data_subject(self) -> UUID:
        """Return the contact who took part: with that person, what was said is erased.

        Where several took part, or none, it is the interaction itself: what one of them wants
        erased may be the others' to keep, which people have to decide.
        """
        return self.contact_ids[0] if len(self.contact_ids) == 1 else self.id

    def correct(self, *, at: datetime, **news: Any) -> None:
        """Correct fields of `Corrected`; raises `HappensLater` and what their rules refuse."""
        _require_past(news.get("happened_at", self.happened_at), at)
        self.change(self.Corrected, at, **news)


def _require_past(happened_at: datetime, at: datetime) -> None:
    if in_utc("happened_at", happened_at) > at + AHEAD:
        raise HappensLater(happened_at=happened_at.isoformat())
