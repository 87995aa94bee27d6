"""What can not be read as it is declared is refused when it is declared."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta

from domain.actors import EVERYONE, READERS
from domain.desk.tickets import TicketNotFound
from projections.customers import customers
from projections.desk import tickets
from readapi import app, examples
from readapi.documents import FOR_STAFF, Id, Named
from readapi.entries import entries_of
from readapi.fields import Composed, Misdeclared, Reference
from readapi.filters import Contains
from readapi.listings import Sort
from readapi.pages import Order, Paged
from readapi.resources import Resource
from readapi.search import Kind

_t = tickets.VIEW.tables[0].c


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket, in short."""

    id: Id
    title: Annotated[str, Meta(examples=["The printer jams"])]


class List(Paged, frozen=True, kw_only=True):
    """What the list is narrowed to."""

    title: str | None = None
    sort: Literal["created_at"] = "created_at"
    order: Order = Order.ASC


class Strange(Document, frozen=True, kw_only=True):
    """A field that nothing is said about."""

    colour: str


class Secret(msgspec.Struct, frozen=True, kw_only=True):
    """A field for staff that can not be null."""

    id: Id
    title: Annotated[str, FOR_STAFF]


class OddFilter(List, frozen=True, kw_only=True):
    """A filter that nothing is said about."""

    colour: str | None = None


class OddSort(List, frozen=True, kw_only=True):
    """An order by what is no column."""

    sort: Literal["created_at", "colour"] = "created_at"  # type: ignore[assignment] # as odd as it gets


class NullSort(List, frozen=True, kw_only=True):
    """An order by what may be empty."""

    sort: Literal["closed_at"] = "closed_at"  # type: ignore[assignment] # likewise


class NoSort(Paged, frozen=True, kw_only=True):
    """A list without an order."""


def declared(**changes: Any) -> Resource:
    """Return a resource that can be read, but for these changes."""
    right: dict[str, Any] = {
        "kind": "contract_type",
        "path": "/contract-types",
        "view": tickets.VIEW,
        "document": Document,
        "query": List,
        "missing": TicketNotFound,
        "may": READERS,
        "bound": None,
    }
    return Resource(**right | changes)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"document": Strange}, "colour"),
        ({"document": Secret}, "title"),
        ({"query": OddFilter}, "colour"),
        ({"query": OddSort}, "colour"),
        ({"query": NullSort}, "never null"),
        ({"query": NoSort}, "sort"),
        ({"query": OddSort, "sorts": {"colour": Sort(_t.tags)}}, "colour.*no cursor"),
        (
            {"query": OddSort, "sorts": {"colour": Sort(_t.priority_overridden)}},
            "colour.*no cursor",
        ),
        ({"may": EVERYONE}, "bounds"),
        ({"filters": {"colour": Contains(_t.title)}}, "colour"),
        ({"followed": {"colour": customers.VIEW}}, "colour"),
        ({"deleted": _t.deleted_at}, "deleted"),
        ({"full_text": Kind.TICKET}, "search"),
        ({"references": [Reference("customer", customers.VIEW)]}, "customer"),
        ({"references": [Reference("title", customers.VIEW)]}, "title_id"),
        ({"composed": [Composed("colour", (_t.title,), str)]}, "colour"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_what_can_not_be_right_is_named(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(Misdeclared, match=named):
        declared(**changes)


def test_words_of_a_kind_are_put_together_and_never_guessed() -> None:
    entries = entries_of(declared())

    assert [(entry.path, entry.name) for entry in entries] == [
        ("/contract-types", "list contract types"),
        ("/contract-types/{id:uuid}", "read contract type"),
        ("/contract-types/{id:uuid}/timeline", "read contract type timeline"),
    ]
    assert declared().page.__name__ == "ContractTypePage"


def test_an_order_may_be_by_another_column() -> None:
    resource = declared(query=OddSort, sorts={"colour": Sort(_t.priority_rank, falling=True)})

    assert resource.listing.sorts["colour"].column is _t.priority_rank


def test_a_field_without_an_example_keeps_the_routes_from_being_made() -> None:
    class Bare(Document, frozen=True, kw_only=True):
        category: str

    nothing: Any = None
    table: Sequence[Any] = entries_of(declared(document=Bare))

    with pytest.raises(examples.ExampleMissing, match=r"Bare\.category"):
        app.routes(nothing, nothing, nothing, nothing, table)


def test_an_example_is_made_of_those_of_the_fields() -> None:
    class Rich(msgspec.Struct, frozen=True):
        at: Annotated[str | None, Meta(examples=[None])]
        status: Literal["active", "archived"]
        customer: Named | None
        tags: list[Annotated[str, Meta(examples=["vip"])]]

    example = examples.of(Rich)

    assert example["at"].value is None
    assert example["status"] == "active"
    assert example["customer"]["name"] == "Acme Werke GmbH"
    assert example["tags"] == ["vip"]
