"""The list of customers: what it can be narrowed to and sorted by."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from domain.customers.standing import Status
from readapi.filters import Merged
from readapi.pages import Order, Paged
from readapi.parameters import VALUES_LIMIT, CustomPairs, From, Text, Until, Words


class CustomerList(Paged, frozen=True, kw_only=True):
    """What the list of customers is narrowed to; everything that is sent has to hold."""

    search: Annotated[
        Words | None,
        Meta(description="Part of a name, of the number, of the VAT id or of the city."),
    ] = None
    name: Annotated[Text | None, Meta(description="Part of the name.")] = None
    number: Annotated[int, Meta(ge=1, le=999_999_999)] | None = None
    email: Annotated[
        Text | None,
        Meta(description="An address or a domain; finds whose it is.", examples=["acme.example"]),
    ] = None
    status: Annotated[
        tuple[Status, ...],
        Meta(
            max_length=VALUES_LIMIT,
            description="Several may be sent, separated by commas or one by one.",
        ),
    ] = ()
    vat_id: Annotated[
        Text | None, Meta(description="In any spelling.", examples=["DE 136695976"])
    ] = None
    country: Annotated[Text | None, Meta(description="ISO 3166-1 alpha-2.", examples=["AT"])] = None
    account_manager_id: UUID | None = None
    parent_id: Annotated[UUID | None, Meta(description="Finds what belongs to this customer.")] = (
        None
    )
    tag: Annotated[
        tuple[Text, ...],
        Meta(max_length=VALUES_LIMIT, description="Customers that have all of these tags."),
    ] = ()
    custom: CustomPairs = ()
    created_from: From | None = None
    created_to: Until | None = None
    updated_from: From | None = None
    updated_to: Until | None = None
    merged: Annotated[
        Merged, Meta(description="Whether customers are shown that are merged into others.")
    ] = Merged.NO
    sort: Literal["name", "number", "status", "created_at", "updated_at"] = "name"
    order: Order = Order.ASC
