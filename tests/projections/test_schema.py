"""Tables are made when they are missing, and never changed silently."""

from concurrent.futures import ThreadPoolExecutor

import msgspec
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from projections.desk.tickets import VIEW as TICKETS
from projections.schema import SchemaMissing, Standing, ensure, status
from projections.table import VIEWS
from tests.conftest import Database
from tests.projections.given import position_of

NEWER = msgspec.structs.replace(TICKETS, shape=TICKETS.shape + 1)


def test_every_view_gets_its_tables_and_a_checkpoint(database: Database) -> None:
    standings = ensure(database.url)

    assert standings == [Standing(view.name, 0, view.shape, view.shape) for view in VIEWS]
    with psycopg.connect(database.url) as connection:
        for table in (table for view in VIEWS for table in view.tables):
            connection.execute(f"select * from {table.fullname}")


def test_what_is_there_stays_as_it_is(views: Database) -> None:
    with psycopg.connect(views.url) as connection:
        connection.execute("update rm.checkpoints set position = 7 where view = 'tickets'")

    ensure(views.url)

    assert position_of(TICKETS, views.url) == 7


def test_a_view_of_another_shape_is_reported_and_left_alone(views: Database) -> None:
    standings = ensure(views.url, [NEWER])

    assert standings == [Standing("tickets", 0, shape=TICKETS.shape, wanted=TICKETS.shape + 1)]
    assert standings[0].needs_rebuild
    assert not status(views.url, [TICKETS])[0].needs_rebuild


def test_a_view_that_is_ahead_of_the_log_needs_a_rebuild(views: Database) -> None:
    with psycopg.connect(views.url) as connection:
        connection.execute("update rm.checkpoints set position = 5000 where view = 'tickets'")

    (standing,) = status(views.url, [TICKETS])

    assert standing == Standing(
        "tickets", 5000, shape=TICKETS.shape, wanted=TICKETS.shape, ahead=True
    )
    assert standing.needs_rebuild


def test_several_processes_may_begin_at_once(database: Database) -> None:
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(ensure, [database.url] * 4))

    assert answers == [answers[0]] * 4


def test_the_tables_belong_to_the_application_whoever_makes_them(database: Database) -> None:
    ensure(database.owner_url)

    with psycopg.connect(database.url) as connection:
        connection.execute("delete from rm.tickets")


def test_a_database_without_read_models_is_refused(database: Database) -> None:
    elsewhere = make_conninfo(database.owner_url, dbname="postgres")

    with pytest.raises(SchemaMissing, match="psa migrate"):
        ensure(elsewhere)
