from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
import pytest

from tests.conftest import Database
from tests.prove.rows import compare, keep

CUSTOMERS: LiteralString = """
    create table rm.customers (id bigint primary key, name text, status text);
    insert into rm.customers values (1, 'Acme', 'active'), (2, 'Umbra', 'archived');
"""
TIMELINE: LiteralString = """
    create table rm.ticket_timeline (position bigint primary key, ticket_id bigint, kind text);
    insert into rm.ticket_timeline values (7, 70, 'ticket.opened');
"""


@pytest.fixture
def desk(database: Database) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        yield connection


def compared(
    desk: psycopg.Connection, old: LiteralString, new: LiteralString
) -> list[dict[str, Any]]:
    """Let the old code leave some rows, and the new code make others of them."""
    desk.execute(old)
    keep(desk)
    desk.execute(new)
    return list(compare(desk))


REFOLDED: LiteralString = (
    "insert into rm.customers values (1, 'Acme', 'active'), (2, 'Umbra', 'archived');"
)


def test_what_is_kept_is_no_longer_in_the_view(desk: psycopg.Connection) -> None:
    desk.execute(CUSTOMERS)

    kept = keep(desk)

    assert kept == {"customers": 2}
    assert desk.execute("select count(*) from rm.customers").fetchone() == (0,)


def test_equal_rows_are_no_difference(desk: psycopg.Connection) -> None:
    [report] = compared(desk, CUSTOMERS, REFOLDED)

    assert report == {
        "table": "customers",
        "rows": 2,
        "different": 0,
        "new_columns": [],
        "new_rows": 0,
    }


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("update rm.customers set name = 'ACME' where id = 1", '1: name is "ACME", was "Acme"'),
        ("update rm.customers set name = null where id = 1", '1: name is null, was "Acme"'),
        ("update rm.customers set status = 'new' where id = 2", '2: status is "new", was "arc'),
        ("update rm.customers set status = 'former' where id = 1", '1: status is "former", was'),
        ("update rm.customers set status = null where id = 2", "2: status is null, was "),
        ("delete from rm.customers where id = 2", "2: the row is gone"),
        ("insert into rm.customers values (3, 'Initech', 'active')", "3: the row is new"),
    ],
)
def test_a_row_that_is_different_is_named(
    desk: psycopg.Connection, change: LiteralString, named: str
) -> None:
    [report] = compared(desk, CUSTOMERS, REFOLDED + change)

    assert report["different"] == 1
    assert report["first"][0].startswith(named)


def test_a_view_that_the_new_code_leaves_empty_is_different_in_every_row(
    desk: psycopg.Connection,
) -> None:
    [report] = compared(desk, CUSTOMERS, "")

    assert report["different"] == report["rows"] == 2


def test_a_table_that_is_gone_is_a_difference(desk: psycopg.Connection) -> None:
    [report] = compared(desk, CUSTOMERS, "drop table rm.customers")

    assert report == {"table": "customers", "different": 1, "first": ["the table is gone"]}


def test_a_column_that_is_gone_is_a_difference_in_every_row(desk: psycopg.Connection) -> None:
    [report] = compared(desk, CUSTOMERS, f"{REFOLDED} alter table rm.customers drop column name")

    assert report["different"] == 2
    assert report["first"] == ["1: name is gone", "2: name is gone"]


def test_a_new_column_is_told_and_is_no_difference(desk: psycopg.Connection) -> None:
    new = f"{REFOLDED} alter table rm.customers add column phone text default 'none'"

    [report] = compared(desk, CUSTOMERS, new)

    assert (report["different"], report["new_columns"]) == (0, ["phone"])


def test_a_value_may_bear_its_new_name(desk: psycopg.Connection) -> None:
    new = f"{REFOLDED} update rm.customers set status = 'former' where id = 2"

    [report] = compared(desk, CUSTOMERS, new)

    assert report["different"] == 0


def test_a_table_may_bear_its_new_name_and_tell_of_more(desk: psycopg.Connection) -> None:
    new: LiteralString = """
        create table rm.timeline_entries (position bigint primary key, record_id bigint, kind text);
        insert into rm.timeline_entries
        values (7, 70, 'ticket.opened'), (8, 80, 'group.formed');
    """

    [report] = compared(desk, TIMELINE, new)

    assert (report["now"], report["different"], report["new_rows"]) == ("timeline_entries", 0, 1)


def test_a_table_under_its_new_name_may_not_tell_more_of_the_old(desk: psycopg.Connection) -> None:
    new: LiteralString = """
        create table rm.timeline_entries (position bigint primary key, record_id bigint, kind text);
        insert into rm.timeline_entries
        values (7, 70, 'ticket.opened'), (8, 70, 'ticket.closed');
    """

    [report] = compared(desk, TIMELINE, new)

    assert (report["different"], report["first"]) == (1, ["8: the row is new"])
