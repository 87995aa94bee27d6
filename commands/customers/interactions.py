"""What may be asked about interactions: calls, meetings, e-mails, notes and visits."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from commands.context import Command, Context
from commands.customers.belonging import contact_of
from commands.dispatch import Entry
from commands.handlers import look_up, on, sent
from domain.actors import STAFF
from domain.customers.customers import Customer
from domain.customers.interactions import Direction, Interaction, InteractionId, InteractionKind
from domain.errors import Refused
from domain.values import ContactId, CustomerId

HappenedAt = Annotated[
    datetime,
    Meta(
        tz=True,
        description="When it happened; at most a day ahead.",
        examples=["2026-01-05T09:00:00Z"],
    ),
]
Minutes = Annotated[int, Meta(ge=0, le=1440, description="How long it took.", examples=[15])]
Subject = Annotated[str, Meta(min_length=1, max_length=200, examples=["Renewal of the contract"])]
Words = Annotated[str, Meta(max_length=20_000, examples=["They want a second line."])]
Contacts = Annotated[
    list[ContactId],
    Meta(max_length=50, description="The customer's people who took part.", examples=[[]]),
]


class RecordInteraction(Command, frozen=True):
    """Write down a call, a meeting, an e-mail, a note or a visit; the customer never sees it."""

    customer_id: CustomerId
    kind: InteractionKind
    happened_at: HappenedAt
    subject: Subject
    direction: Direction = Direction.NONE
    minutes: Minutes | None = None
    text: Words = ""
    contact_ids: Contacts = []


class CorrectInteraction(Command, frozen=True):
    """Correct what was written down; what is not sent stays as it is."""

    interaction_id: InteractionId
    kind: InteractionKind | UnsetType = UNSET
    happened_at: HappenedAt | UnsetType = UNSET
    subject: Subject | UnsetType = UNSET
    direction: Direction | UnsetType = UNSET
    minutes: Minutes | UnsetType | None = UNSET
    text: Words | UnsetType = UNSET
    contact_ids: Contacts | UnsetType = UNSET


class ArchiveInteraction(Command, frozen=True):
    """Take an interaction out of use, e.g. one that was written down at the wrong customer."""

    interaction_id: InteractionId


class RestoreInteraction(Command, frozen=True):
    """Put an archived interaction back into use."""

    interaction_id: InteractionId


async def record_interaction(cmd: RecordInteraction, ctx: Context) -> None:
    facts = sent(cmd)
    await look_up(ctx, facts, {"customer_id": Customer})
    await _know(cmd.customer_id, facts["contact_ids"], ctx)
    new = InteractionId(ctx.new_id(Interaction.TOPIC))
    ctx.add(Interaction.write_down(new, **facts, at=ctx.now()))


async def correct_interaction(cmd: CorrectInteraction, ctx: Context) -> None:
    interaction = await ctx.load(Interaction, cmd.interaction_id)
    facts = sent(cmd, leaving_out="interaction_id")
    # Who is named already may be archived or merged by now.
    added = set(facts.get("contact_ids", ())).difference(interaction.contact_ids)
    await _know(interaction.customer_id, added, ctx)
    interaction.correct(**facts, at=ctx.now())


async def _know(customer_id: UUID, contact_ids: Collection[UUID], ctx: Context) -> None:
    """See that these are the customer's and in use; raises what `contact_of` refuses."""
    try:
        for contact_id in sorted(contact_ids):
            await contact_of(customer_id, contact_id, ctx)
    except Refused as refusal:
        refusal.field = "contact_ids"
        raise


COMMANDS = (
    Entry(RecordInteraction, record_interaction, "POST /interactions", STAFF),
    Entry(CorrectInteraction, correct_interaction, "PATCH /interactions/{id}", STAFF),
    Entry(
        ArchiveInteraction,
        on(Interaction, Interaction.archive),
        "POST /interactions/{id}/archive",
        STAFF,
    ),
    Entry(
        RestoreInteraction,
        on(Interaction, Interaction.restore),
        "POST /interactions/{id}/restore",
        STAFF,
    ),
)
