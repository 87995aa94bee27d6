"""For each filter of a list: values to ask with, and what they find, made from the rows there are.

A filter that says what it looks at needs nothing here; for one that is a function, a line in
`FILTERED`.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row
from sqlalchemy import ColumnElement, select

from projections.ddl import DIALECT
from readapi.filters import Contains, Customized, Filter, Since, Tagged, UpTo
from readapi.resources import Resource
from tests.projections.given import stored
from tests.readapi.every import ids, table

RECORD, TWIN = "the record", "its twin"

FILTERED: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "/tickets": {
        "assigned_to": ("05e40000-0000-4000-8000-000000000001", RECORD),
        "external": ("Other servicenow:Other INC0000047", TWIN),
        "search": ("something", RECORD),
    },
    "/customers": {
        "email": ("ada@acme.ch", RECORD),
        "vat_id": ("de 136.695.976", RECORD),
        "country": ("ch", RECORD),
    },
    "/interactions": {"contact_id": ("c0274c70-0000-4000-8000-000000000001", RECORD)},
    "/locations": {"country": ("ch", RECORD), "postal_code": ("Other 10115", TWIN)},
    "/contacts": {
        "search": ("LI@home", RECORD),
        "role": ("billing,emergency", RECORD),
        "email": (" Ada.Li@ACME.example", RECORD),
        "phone": ("0041 (0)44 668 18-00", RECORD),
    },
    "/users": {"email": ("Ada.Li@acme.example", RECORD)},
}
"""For each filter that is a function of its own: a value, and which of the two it finds."""

Example = tuple[str, set[str]]
"""A value to ask with, and the ids of the records that it finds."""


def filter_of(resource: Resource, name: str) -> Filter | None:
    """Return what narrows a list; None where the search engine does."""
    return resource._filters.get(name)


def has_examples(resource: Resource, name: str) -> bool:
    """Tell whether there is something to ask a filter with."""
    made = isinstance(filter_of(resource, name), Contains | Since | UpTo | Tagged | Customized)
    return made or name in table(resource).c or name in FILTERED.get(resource.path, {})


def examples(url: str, resource: Resource, name: str) -> list[Example]:
    """Return values to ask a filter with, and what they find; one at least finds not everything."""
    if (given := FILTERED.get(resource.path, {}).get(name)) is not None:
        record, twin = ids(resource)
        return [(given[0], {{RECORD: record, TWIN: twin}[given[1]]})]
    rows = {str(row["id"]): row for row in stored(url, table(resource))}
    made = [*_made(filter_of(resource, name), rows, url, resource)]
    if not made:
        return [_same(name, rows, ids(resource)[0])]
    assert any(len(finds) < len(rows) for _, finds in made), f"{name} finds all there is."
    return made


def _same(name: str, rows: Mapping[str, Any], record: str) -> Example:
    """Return the value that the record has in the column of the filter's name."""
    value = rows[record][name]
    assert value is not None
    return str(value), {one for one, row in rows.items() if row[name] == value}


def _made(
    filter: Filter | None, rows: Mapping[str, Any], url: str, resource: Resource
) -> Iterator[Example]:
    match filter:
        case Contains(texts=texts):
            yield from _parts(url, resource, texts)
        case Since(column=column) | UpTo(column=column):
            name, since = column.name, isinstance(filter, Since)
            for at in (row[name] for row in rows.values()):
                asked = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
                finds = {
                    one
                    for one, row in rows.items()
                    if (row[name] >= at if since else row[name] <= at)
                }
                yield asked, finds
        case Tagged(column=column):
            tags = {tag for row in rows.values() for tag in row[column.name]}
            # A record puts its tags in small letters; the twin, which is made up, has others.
            for tag in (tag for tag in tags if tag.islower()):
                yield tag.upper(), {one for one, row in rows.items() if tag in row[column.name]}
        case Customized(column=column):
            pairs = [pair for row in rows.values() for pair in row[column.name].items()]
            for key, value in pairs:
                asked = f"{key}:{str(value).lower() if isinstance(value, bool) else value}"
                yield asked, {o for o, row in rows.items() if row[column.name].get(key) == value}


def _parts(
    url: str, resource: Resource, texts: tuple[ColumnElement[str], ...]
) -> Iterator[Example]:
    """Yield a part of each text of each row, in small letters, and which rows have it in any."""
    labelled = [text.label(f"text_{place}") for place, text in enumerate(texts)]
    statement = select(table(resource).c.id, *labelled).compile(
        dialect=DIALECT, compile_kwargs={"literal_binds": True}
    )
    with psycopg.connect(url, row_factory=dict_row) as connection:
        rows = connection.execute(str(statement).encode()).fetchall()
    held = {str(row.pop("id")): [(text or "").lower() for text in row.values()] for row in rows}
    for place, text in enumerate(texts):
        assert any(row[place] for row in held.values()), f"{text} is empty in every row."
    for part in {text[:-1] or text for row in held.values() for text in row if text}:
        yield part, {one for one, row in held.items() if any(part in text for text in row)}
