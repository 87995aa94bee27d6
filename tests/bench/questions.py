"""Every question that can be asked of the lists, with values that are in the tables.

Each list in each of its orders, from its beginning, by the number of a page and by a cursor deep
in it; and narrowed by each of its filters to a value that is frequent and to one that is rare: as
staff, and as somebody of the largest customer.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
import psycopg
from psycopg.rows import scalar_row, tuple_row
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.actors import Actor, Role
from domain.values import CustomerId
from readapi import cursors
from readapi.cursors import START, Place
from readapi.customers import customers
from readapi.pages import DEPTH, Order
from readapi.parameters import _allowed, given_type
from readapi.resources import ORDERED, Resource
from readapi.statements import text_of
from readapi.table import RESOURCES

STAFF: Final = Actor(id="staff", name="Staff", role=Role.TECHNICIAN)

NOBODY: Final = "00000000-0000-4000-8000-000000000000"

VALUES: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "/customers": {
        "search": ("gmbh", "werke gmbh 77"),
        "name": ("werke", "hansa druck kg 77"),
        "email": ("ada@firm-77.example", "ada@firm-0.example"),
        "vat_id": ("DE100000077", "DE100000000"),
        "country": ("de", "fr"),
        "custom": ("cost_centre:1", "cost_centre:77"),
        "merged": ("any", "true"),
        "created_from": ("2021-01-01", "2025-12-31"),
        "created_to": ("2025-01-01", "2020-01-02"),
        "updated_from": ("2021-01-01", "2026-01-25"),
        "updated_to": ("2025-01-01", "2020-01-05"),
    },
    "/contacts": {
        "search": ("berger", "koch77"),
        "role": ("main", "billing"),
        "email": ("person-77@firm-77.example", "nobody@firm-77.example"),
        "phone": ("+49803177", "+498031999999999"),
        "custom": ("badge:77", "badge:0"),
        "merged": ("any", "true"),
        "do_not_contact": ("false", "true"),
        "location_id": (NOBODY, NOBODY),
    },
    "/locations": {
        "custom": ("badge:1", "badge:0"),
        "search": ("ort 1", "werk 77"),
        "country": ("de", "fr"),
        "postal_code": ("00001", "80000"),
    },
    "/interactions": {
        "search": ("drucker", "fall 77"),
        "happened_from": ("2021-01-01", "2025-12-31"),
        "happened_to": ("2025-01-01", "2020-01-02"),
    },
    "/groups": {"search": ("level", "level 7"), "name": ("level", "level 7")},
    "/users": {
        "search": ("berger", "user-77@"),
        "name": ("anna", "koch77"),
        "email": ("user-77@firm-77.example", "nobody@firm-77.example"),
    },
    "/tickets": {
        "deleted": ("any", "true"),
        "created_from": ("2021-01-01", "2025-12-31"),
        "created_to": ("2025-01-01", "2020-01-02"),
        "updated_from": ("2021-01-01", "2026-01-25"),
        "updated_to": ("2025-01-01", "2020-01-05"),
        "external": ("servicenow:INC0000075", "INC0000001"),
        "search": ("drucker", "platz 77"),
        "status": ("new,assigned,in_progress,waiting_customer,waiting_third_party", "new"),
    },
}
"""For filters that are more than equality, a frequent and a rare value; others are looked up."""


WORDS: Final = ("a", "zz")
"""What is looked for by filters that nothing is said about."""
COLUMNS: Final = {"assigned_to": "assignee_id", "tag": "tags", "contact_id": "contact_ids"}
"""The columns of filters that are called otherwise."""


class Case(msgspec.Struct, frozen=True):
    """One question."""

    resource: Resource
    actor: Actor
    what: str
    asked: Mapping[str, str]
    overview_of: str = ""
    """The id of a customer, where not a list is asked for but all about one."""

    @property
    def name(self) -> str:
        who = "staff" if self.actor.is_staff else "portal"
        return f"{who} {self.resource.path} {self.what}"


def cases(url: str) -> Iterator[Case]:
    """Yield every question."""
    with psycopg.connect(url, row_factory=scalar_row) as connection:
        largest: Any = connection.execute("select md5('customers1')::uuid").fetchone()
        usual: Any = connection.execute("select md5('customers500')::uuid").fetchone()
        portal = Actor("ada", "Ada", Role.CUSTOMER, CustomerId(largest))
        for actor in (STAFF, portal):
            yield Case(customers.RESOURCE, actor, "overview of the largest", {}, str(largest))
        yield Case(customers.RESOURCE, STAFF, "overview of a usual one", {}, str(usual))
        for resource in RESOURCES:
            for actor in (STAFF, portal):
                if actor.role in resource.may:
                    yield Case(resource, actor, "plain", {})
                    yield from _sorted(connection, resource, actor)
                    yield from _narrowed(connection, resource, actor)


def _sorted(
    connection: psycopg.Connection[Any], resource: Resource, actor: Actor
) -> Iterator[Case]:
    key = resource.listing.key
    bound: Any = resource._bound
    visible = [] if actor.is_staff else [bound == actor.customer_id]
    rows = _scalar(connection, select(func.count()).select_from(key.table).where(*visible))
    middle = str(min(DEPTH, rows) // 40 + 1)
    for name, sort in resource.listing.sorts.items():
        columns = (sort.column, key)
        deep = select(*columns).where(*visible).order_by(*columns).offset(rows * 6 // 10)
        place = _row(connection, deep)
        for order in Order:
            asked = {"sort": name, "order": order.value}
            cursor = cursors.write(Place(name, order, place[0], place[1], rows)) if place else START
            what = f"by {name} {order}"
            yield Case(resource, actor, what, asked)
            yield Case(resource, actor, f"{what}, page {middle}", asked | {"page": middle})
            yield Case(resource, actor, f"{what}, cursor", asked | {"cursor": cursor})


def _narrowed(
    connection: psycopg.Connection[Any], resource: Resource, actor: Actor
) -> Iterator[Case]:
    for name in resource.query.__struct_fields__:
        if name in ORDERED:
            continue
        frequent, rare = _values(connection, resource, name)
        for how, value in (("frequent", frequent), ("rare", rare)):
            yield Case(resource, actor, f"{name} {how}", {name: value})
            if resource.path == "/tickets":
                for sort in resource.listing.sorts:
                    for order in Order:
                        asked = {name: value, "sort": sort, "order": order.value}
                        yield Case(resource, actor, f"{name} {how} by {sort} {order}", asked)


def _values(connection: psycopg.Connection[Any], resource: Resource, name: str) -> tuple[str, str]:
    """Return a value that many rows have, and one that few have."""
    table = resource.listing.key.table
    called = name if name in table.c else COLUMNS.get(name, name)
    if (found := VALUES.get(resource.path, {}).get(name)) or called not in table.c:
        return found or WORDS
    column = table.c[called]
    value: Any = func.unnest(column) if isinstance(column.type, ARRAY) else column
    count = func.count()
    counted = select(value.label("value")).where(column.is_not(None)).group_by("value")
    ends = [_scalar(connection, counted.order_by(n, "value")) for n in (count.desc(), count)]
    return (str(ends[0]), str(ends[1])) if ends[0] is not None else _possible(resource, name)


def _possible(resource: Resource, name: str) -> tuple[str, str]:
    """Return values that the parameter may have, where no row has any."""
    (field,) = (field for field in msgspec.structs.fields(resource.query) if field.name == name)
    kind = given_type(field)
    possible = ["true", "false"] if kind is bool else _allowed(kind) or [NOBODY]
    return possible[0], possible[-1]


def _scalar(connection: psycopg.Connection[Any], statement: Any) -> Any:
    return connection.execute(*text_of(statement.limit(1))).fetchone()


def _row(connection: psycopg.Connection[Any], statement: Any) -> Any:
    with connection.cursor(row_factory=tuple_row) as cursor:
        found: Any = cursor.execute(*text_of(statement.limit(1))).fetchone()
    return found
