"""Rows in memory and rows in Postgres are the same rows."""

from typing import Any
from uuid import UUID

import pytest

from projections.desk.groups import groups
from projections.desk.tickets import VIEW as TICKETS
from projections.desk.tickets import tickets
from projections.folding import fold, relevant
from projections.rows import BatchRows, MemoryRows
from projections.running import session
from projections.table import VIEWS
from projections.view import View
from tests.conftest import Database
from tests.given import EXAMPLES, GROUP, T0, group_formed, group_renamed, opened, retitled
from tests.projections.given import folded, history, stored

VALUES: dict[str, Any] = {
    "name": "First level",
    "description": "",
    "status": "active",
    "created_at": T0,
    "updated_at": T0,
    "version": 1,
    "position": 1,
}
OTHER = UUID(int=2)


def test_columns_left_out_are_null() -> None:
    rows = MemoryRows([groups])

    rows.insert(groups, GROUP, name="First level")

    row = rows.get(groups, GROUP)
    assert row is not None
    assert (row["id"], row["name"], row["status"]) == (GROUP, "First level", None)


def test_a_row_that_does_not_exist_is_left_alone() -> None:
    rows = MemoryRows([groups])

    rows.update(groups, GROUP, name="Second level")

    assert rows.get(groups, GROUP) is None
    assert rows.changed(groups) == []


def test_inserting_again_replaces_the_whole_row() -> None:
    rows = MemoryRows([groups])
    rows.insert(groups, GROUP, **VALUES)

    rows.insert(groups, GROUP, name="Second level")

    assert [(row["name"], row["status"]) for row in rows.all(groups)] == [("Second level", None)]


def test_a_deleted_row_is_gone() -> None:
    rows = MemoryRows([groups])
    rows.insert(groups, GROUP, **VALUES)

    rows.delete(groups, GROUP)

    assert rows.get(groups, GROUP) is None
    assert rows.changed(groups) == []


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
@pytest.mark.parametrize("size", [1, 100])
async def test_what_is_written_is_what_was_folded(views: Database, view: View, size: int) -> None:
    events = relevant(view, history(*EXAMPLES))

    async with await session.connect(views.url) as connection:
        for start in range(0, len(events), size):
            rows = BatchRows(view.tables)
            await rows.load(connection, events[start : start + size])
            fold(view, events[start : start + size], rows)
            await rows.flush(connection)

    for table in view.tables:
        key = table.primary_key.columns[0].name
        in_memory = folded(view, *EXAMPLES).all(table)
        assert stored(views.url, table) == sorted(in_memory, key=lambda row: row[key])


async def test_only_the_rows_of_the_batch_are_written(views: Database) -> None:
    async with await session.connect(views.url) as connection:
        rows = BatchRows([groups])
        rows.insert(groups, GROUP, **VALUES)
        rows.insert(groups, OTHER, **VALUES)
        await rows.flush(connection)
        loaded = BatchRows([groups])
        await loaded.load(connection, history(group_formed, group_renamed)[1:])

    assert [row["id"] for row in loaded.all(groups)] == [GROUP]
    assert loaded.changed(groups) == []


async def test_a_deleted_row_is_deleted_in_postgres(views: Database) -> None:
    async with await session.connect(views.url) as connection:
        rows = BatchRows([groups])
        rows.insert(groups, GROUP, **VALUES)
        rows.insert(groups, OTHER, **VALUES)
        await rows.flush(connection)
        rows.delete(groups, GROUP)
        await rows.flush(connection)

    assert [row["id"] for row in stored(views.url, groups)] == [OTHER]


async def test_a_character_that_postgres_does_not_know_is_replaced(views: Database) -> None:
    async with await session.connect(views.url) as connection:
        rows = BatchRows(TICKETS.tables)
        attributes = {"a\0": ["b\0"]}
        fold(TICKETS, history(opened, retitled(title="a\0b\\u0000c")), rows)
        rows.update(tickets, rows.all(tickets)[0]["id"], external_attributes=attributes)
        await rows.flush(connection)

    (row,) = stored(views.url, tickets)
    assert row["title"] == "a\ufffdb\\u0000c"
    assert row["external_attributes"] == {"a\ufffd": ["b\ufffd"]}


async def test_columns_that_did_not_change_are_not_written(views: Database) -> None:
    async with await session.connect(views.url) as connection:
        first = BatchRows([groups])
        first.insert(groups, GROUP, **VALUES)
        await first.flush(connection)
        rows = BatchRows([groups])
        await rows.load(connection, history(group_formed, group_renamed)[1:])
        await connection.execute("update rm.groups set description = 'Written meanwhile'")
        rows.update(groups, GROUP, name="Second level")
        await rows.flush(connection)

    (row,) = stored(views.url, groups)
    assert (row["name"], row["description"]) == ("Second level", "Written meanwhile")


async def test_a_row_may_be_written_more_than_once(views: Database) -> None:
    async with await session.connect(views.url) as connection:
        rows = BatchRows([groups])
        rows.insert(groups, GROUP, **VALUES)
        rows.update(groups, GROUP, name="Second level")
        await rows.flush(connection)
        rows.update(groups, GROUP, status="archived")
        rows.update(groups, GROUP, version=3)
        await rows.flush(connection)
        await rows.flush(connection)

    (row,) = stored(views.url, groups)
    assert row == {
        **VALUES,
        "id": GROUP,
        "name": "Second level",
        "status": "archived",
        "version": 3,
    }


async def test_a_deleted_row_may_come_back(views: Database) -> None:
    async with await session.connect(views.url) as connection:
        rows = BatchRows([groups])
        rows.insert(groups, GROUP, **VALUES)
        await rows.flush(connection)
        rows.delete(groups, GROUP)
        rows.update(groups, GROUP, name="Nobody")
        rows.insert(groups, GROUP, **VALUES)
        await rows.flush(connection)

    assert stored(views.url, groups) == [{**VALUES, "id": GROUP}]
