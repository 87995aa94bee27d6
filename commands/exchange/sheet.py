"""What a file of one kind of record holds, and how its rows find and change records."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from commands.context import Command
from commands.exchange.columns import Column
from commands.exchange.fields import CUSTOM, Field, an_id, joined, one_of, several
from domain.base import AggregateRoot
from domain.customers.custom_fields import RecordKind
from domain.errors import Conflict, Invalid, Refused

Values = Mapping[str, Any]
"""What the cells of a row say, by the paths of their fields."""


class Fixed(Conflict):
    """Column {column!r} is {stands!r} for good, not {cell!r}; correct the cell, or empty the id."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(**facts)
        self.field = str(facts["column"])


class StatusUnreachable(Conflict):
    """What is {status!r} does not become {wanted!r}; leave the cell empty or write {status!r}."""

    field = "status"


class RowUnfit(Invalid):
    """{problem}; correct the cell, or add the column."""

    def __init__(self, *, field: str, problem: str) -> None:
        super().__init__(problem=problem)
        self.field = field


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """How a kind of record is exchanged."""

    name: str
    """The word of the command line: `customers`."""
    kind: type[AggregateRoot]
    fields: tuple[Field, ...]
    add: type[Command]
    change: type[Command]
    record_kind: RecordKind
    """Whose custom fields it has."""
    customize: type[Command]
    """Takes `values`, by the keys of custom fields."""
    bears: Callable[[Values], tuple[str, str] | None]
    """Returns the scope and the name under which a record is reserved, where the row has one."""
    identity: Callable[[Values], str] | None = None
    """Returns what a new record's id follows from; all that it begins with, by default."""
    fixed: tuple[str, ...] = ()
    """Fields that never change once a record has them."""
    end: str = "archived"
    """The status of a record to which nothing new may belong."""
    first: Callable[[Any, str], list[Command]]
    """Takes a record and the wanted status; returns what makes it ready to be changed."""
    last: Callable[[Any, str], list[Command]]
    """Takes a record and the wanted status; returns what brings it there in the end."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of a file, in their order."""
        return tuple(field.column for field in self.fields)

    def field(self, path: str) -> Field:
        """Return the field of a path."""
        return next(field for field in self.fields if field.path == path)

    def column_of(self, refusal: Refused) -> str | None:
        """Return the column that a refusal is about, where it says which field that is."""
        path = str(refusal.field or refusal.facts.get("name") or "").partition("[")[0]
        # The command has the values of custom fields by themselves.
        key = path.removeprefix("values.")
        path = path if key == path else f"{CUSTOM}{key}"
        columns = {field.path: field.column.name for field in self.fields}
        return columns.get(path, path) or None


ID: Final = Field("id", Column("id"), an_id)
COUNTRY: Final = Field(
    "address.country",
    Column("country", ("Land", "Country code")),
    lambda cell: cell.strip().upper(),
)
ADDRESS: Final = (
    Field("address.street", Column("street", ("Straße", "Strasse", "Anschrift"))),
    Field("address.postal_code", Column("postal_code", ("PLZ", "Postleitzahl", "ZIP"))),
    Field("address.city", Column("city", ("Ort", "Stadt"))),
    COUNTRY,
)
IN_USE: Final = Field(
    "status",
    Column("status", ("Zustand",)),
    one_of(
        {"active": "active", "aktiv": "active", "archived": "archived", "archiviert": "archived"}
    ),
)
"""Of a kind that is archived and restored."""


def words(path: str, *names: str) -> Field:
    """Return a field of several words; the first name is the column's."""
    name, *aliases = names
    return Field(path, Column(name, tuple(aliases)), several, joined)


def text(path: str, *names: str, required: bool = False) -> Field:
    """Return a field of text; the first name is the column's, the others are understood."""
    name, *aliases = names
    return Field(path, Column(name, tuple(aliases), required=required))


def built(kind: type[Command], facts: Mapping[str, Any]) -> Command:
    """Return a command with these fields, those that it has; raises `RowUnfit`."""
    sent = {name: value for name, value in facts.items() if name in kind.__struct_fields__}
    try:
        return msgspec.convert(sent, kind)
    except msgspec.ValidationError as error:
        problem, _, place = str(error).partition(" - at `$.")
        field = place.rstrip("`") or problem.rpartition(" `")[2].rstrip("`")
        raise RowUnfit(field=field, problem=f"{field}: {problem}") from None


def archiving(archive: type[Command], restore: type[Command], target: str) -> dict[str, Any]:
    """Return `first` and `last` of a kind that is archived and restored."""

    def first(record: Any, wanted: str) -> list[Command]:
        restored = record.archived and wanted == "active"
        return [restore(**{target: record.id})] if restored else []

    def last(record: Any, wanted: str) -> list[Command]:
        archived = wanted == "archived" and not record.archived
        return [archive(**{target: record.id})] if archived else []

    return {"first": first, "last": last}
