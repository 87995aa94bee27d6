"""What may be asked about erasures, and what the platform notes when it has carried one out."""

from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID

from msgspec import Meta

from commands.context import Command, Context
from commands.dispatch import Entry
from commands.handlers import on
from domain.actors import PRIVACY
from domain.archiving import Archivable
from domain.base import AggregateRoot
from domain.customers.contacts import Contact
from domain.customers.customers import Customer
from domain.customers.interactions import Interaction
from domain.customers.locations import Location
from domain.desk.tickets import Ticket
from domain.merging import Mergeable
from domain.people.erasures import (
    Erasure,
    ErasureBasis,
    ErasureId,
    ErasureNotFound,
    KeptKey,
    SubjectKind,
    erasure_id,
)
from domain.people.users import User

KINDS: Final[Mapping[SubjectKind, type[AggregateRoot]]] = {
    SubjectKind.CONTACT: Contact,
    SubjectKind.USER: User,
    SubjectKind.CUSTOMER: Customer,
    SubjectKind.LOCATION: Location,
    SubjectKind.TICKET: Ticket,
    SubjectKind.INTERACTION: Interaction,
}
PERSONAL_NAMES: Final = frozenset({"user.email", "location.name"})
"""The names that tell of a person: whoever is forgotten bears them no more."""


class EraseSubject(Command, frozen=True):
    """Have all forgotten that is told of a person; what is erased can not come back.

    The record is put out of use at once, its texts become unreadable as soon as the order is
    carried out. `GET /privacy/subjects/{kind}/{id}/erasure` tells before what that means.
    """

    subject_id: Annotated[
        UUID,
        Meta(
            description="The record that tells of the person.",
            examples=["7e2d9c40-1f6b-4a83-b5c7-0d4e8a9f3b61"],
        ),
    ]
    subject_kind: SubjectKind
    basis: Annotated[
        ErasureBasis,
        Meta(
            description="`request`: the person asked (GDPR article 17 (1) b to d); `purpose`: it "
            "is not needed any more (a); `term`: the term is over for which the law had it kept.",
            examples=["request"],
        ),
    ]


class RetireSubject(Command, frozen=True):
    """Put out of use what falls with somebody who is forgotten; nothing where that is so."""

    subject_id: UUID
    subject_kind: SubjectKind


class NoteErasureCarriedOut(Command, frozen=True):
    """Note what an erasure has destroyed, and what it has kept."""

    erasure_id: ErasureId
    subjects: list[UUID]
    keys_destroyed: int
    kept: list[KeptKey]
    plain_events: int


async def erase_subject(cmd: EraseSubject, ctx: Context) -> None:
    subject = await ctx.look(KINDS[cmd.subject_kind], cmd.subject_id)
    if isinstance(subject, Mergeable):
        subject.require_unmerged()
    await _order(cmd, ctx)
    await _retire(subject, ctx)


async def _order(cmd: EraseSubject, ctx: Context) -> None:
    try:
        erasure = await ctx.load(Erasure, erasure_id(cmd.subject_id))
    except ErasureNotFound:
        ctx.add(
            Erasure.order(
                subject_id=cmd.subject_id,
                subject_kind=cmd.subject_kind,
                basis=cmd.basis,
                at=ctx.now(),
            )
        )
    else:
        erasure.reorder(basis=cmd.basis, at=ctx.now())


async def retire_subject(cmd: RetireSubject, ctx: Context) -> None:
    await _retire(await ctx.load(KINDS[cmd.subject_kind], cmd.subject_id), ctx)


async def _retire(subject: AggregateRoot, ctx: Context) -> None:
    for scope, key in subject.names():
        if scope in PERSONAL_NAMES:
            await ctx.release(scope, key, holder=subject.id)
    match subject:
        case Mergeable() if subject.merged_into is not None:
            return  # another record stands in its place: nobody uses it
        case Archivable() if not subject.archived:
            subject.archive(at=ctx.now())
        case User() if subject.active:
            subject.deactivate(at=ctx.now())


COMMANDS = (Entry(EraseSubject, erase_subject, "POST /erasures", PRIVACY),)
INTERNAL = (
    Entry(RetireSubject, retire_subject, "", PRIVACY),
    Entry(NoteErasureCarriedOut, on(Erasure, Erasure.carry_out), "", PRIVACY),
)
"""What whoever carries an erasure out asks for: no route leads there."""
