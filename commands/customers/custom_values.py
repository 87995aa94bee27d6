"""Values of custom fields: each is checked against its field, and set on its record.

A value is decided on the field as it was read: a field that is archived or given other rules at
the same moment takes nothing back, as it takes nothing back from values that were there before.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta

from commands.context import Command, Context
from commands.dispatch import Entry, Handler
from domain.actors import STAFF
from domain.custom_values import Value
from domain.customers.contacts import Contact
from domain.customers.custom_fields import SCOPE, CustomField, RecordKind, named, value_for
from domain.customers.customers import Customer
from domain.customers.locations import Location
from domain.customizing import Customizable
from domain.values import ContactId, CustomerId, LocationId

# Any value can be sent: what fits is the field's to say, in words, and not the decoder's.
Values = Annotated[
    dict[str, Any],
    Meta(
        max_length=100,
        description="By the keys of custom fields; null takes a value away, what is not named "
        "stays. A field that is required keeps a value once it has one; nothing asks before.",
        examples=[{"cost_centre": "4711", "vip": True, "former": None}],
    ),
]


class SetCustomerFields(Command, frozen=True):
    """Give custom fields of a customer values, or take them away."""

    customer_id: CustomerId
    values: Values


class SetLocationFields(Command, frozen=True):
    """Give custom fields of a location values, or take them away."""

    location_id: LocationId
    values: Values


class SetContactFields(Command, frozen=True):
    """Give custom fields of a contact values, or take them away."""

    contact_id: ContactId
    values: Values


def customize(kind: type[Customizable], record_kind: RecordKind) -> Handler:
    """Return the handler that loads the record that the first field names, and sets `values`.

    Raises what `value_for` refuses.
    """

    async def handler(cmd: Command, ctx: Context) -> None:
        target, *_ = cmd.__struct_fields__
        record = await ctx.load(kind, getattr(cmd, target))
        values: Mapping[str, object] = cmd.values  # type: ignore[attr-defined] # each has them
        checked = {key: await _checked(ctx, record_kind, key, values[key]) for key in values}
        record.customize(checked, at=ctx.now())

    return handler


async def _checked(ctx: Context, record_kind: RecordKind, key: str, value: object) -> Value:
    holder = await ctx.holder_of(SCOPE, named(record_kind, key))
    field = None if holder is None else await ctx.look(CustomField, holder)
    return value_for(field, record_kind, key, value)


COMMANDS = (
    Entry(
        SetCustomerFields,
        customize(Customer, RecordKind.CUSTOMER),
        "PUT /customers/{id}/custom-fields",
        STAFF,
    ),
    Entry(
        SetLocationFields,
        customize(Location, RecordKind.LOCATION),
        "PUT /locations/{id}/custom-fields",
        STAFF,
    ),
    Entry(
        SetContactFields,
        customize(Contact, RecordKind.CONTACT),
        "PUT /contacts/{id}/custom-fields",
        STAFF,
    ),
)
