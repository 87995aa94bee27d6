"""What administrators may ask about custom fields."""

from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from commands.context import Command, Context
from commands.dispatch import Entry
from commands.handlers import apply_changes, on, sent
from domain.actors import ADMINS
from domain.customers.custom_fields import CustomField, CustomFieldId, RecordKind
from domain.field_rules import FieldKind, FieldRules

Key = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=40,
        description="What values are sent and stored under; it never changes.",
        examples=["cost_centre"],
    ),
]
LabelDe = Annotated[str, Meta(min_length=1, max_length=100, examples=["Kostenstelle"])]
LabelEn = Annotated[str, Meta(min_length=1, max_length=100, examples=["Cost centre"])]
Limit = Annotated[
    Decimal,
    Meta(
        description="For `number` and `integer`; as a text, e.g. `0.5`.",
        examples=["0"],
    ),
]


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a custom field takes; what does not fit its kind is refused."""

    kind: Annotated[FieldKind, Meta(description="It never changes.", examples=["choice"])]
    required: Annotated[bool, Meta(description="Whether a value can not be taken away.")] = False
    choices: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=100)]],
        Meta(
            max_length=200,
            description="For `choice` and `choices`, in the order in which they are shown.",
            examples=[["gold", "silver"]],
        ),
    ] = []
    minimum: Limit | None = None
    maximum: Limit | None = None
    scale: Annotated[int, Meta(ge=0, le=10, description="For `number`: decimals.")] = 2
    max_length: Annotated[
        int, Meta(ge=1, le=10_000, description="For `text` and `url`: characters.")
    ] = 1000

    def for_the_domain(self) -> FieldRules:
        """Return them as the domain knows them."""
        return FieldRules(**{**msgspec.structs.asdict(self), "choices": tuple(self.choices)})


class DefineCustomField(Command, frozen=True):
    """Let records of a kind have one more field."""

    record_kind: RecordKind
    key: Key
    label_de: LabelDe
    label_en: LabelEn
    rules: Rules


class ChangeCustomField(Command, frozen=True):
    """Change what a field is called, or what it takes from now on; values that are there stay."""

    custom_field_id: CustomFieldId
    label_de: LabelDe | UnsetType = UNSET
    label_en: LabelEn | UnsetType = UNSET
    rules: Annotated[Rules | UnsetType, Meta(description="All of them, of the same kind.")] = UNSET


class ArchiveCustomField(Command, frozen=True):
    """Let a field take no more values; those that are there stay, and so does its key."""

    custom_field_id: CustomFieldId


class RestoreCustomField(Command, frozen=True):
    """Let an archived field take values again."""

    custom_field_id: CustomFieldId


async def define_custom_field(cmd: DefineCustomField, ctx: Context) -> None:
    facts = sent(cmd) | {"rules": cmd.rules.for_the_domain()}
    new = ctx.new_id(CustomField.TOPIC)
    ctx.add(CustomField.begin(new, CustomField.Defined, ctx.now(), **facts))


async def change_custom_field(cmd: ChangeCustomField, ctx: Context) -> None:
    field = await ctx.load(CustomField, cmd.custom_field_id)
    apply_changes(field, (CustomField.Changed,), sent(cmd), ctx)
    if not isinstance(cmd.rules, UnsetType):
        field.change_rules(cmd.rules.for_the_domain(), at=ctx.now())


COMMANDS = (
    Entry(DefineCustomField, define_custom_field, "POST /custom-fields", ADMINS),
    Entry(ChangeCustomField, change_custom_field, "PATCH /custom-fields/{id}", ADMINS),
    Entry(
        ArchiveCustomField,
        on(CustomField, CustomField.archive),
        "POST /custom-fields/{id}/archive",
        ADMINS,
    ),
    Entry(
        RestoreCustomField,
        on(CustomField, CustomField.restore),
        "POST /custom-fields/{id}/restore",
        ADMINS,
    ),
)
