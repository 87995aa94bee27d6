"""The tables of the views: made when missing, compared with the code, never changed silently."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import psycopg
from psycopg.sql import SQL, Identifier

from projections.checkpoints import checkpoints, mirror_of
from projections.ddl import OWNER, act_as, index_statements, table_statements
from projections.table import VIEWS
from projections.view import View

LOCK: Final = 20254

STORED: Final = """
    select view, position, shape, position > (select coalesce(max(position), 0) from es.events)
      from rm.checkpoints
"""
POSITION: Final = "select position from rm.checkpoints where view = %s"
FORGET: Final = "delete from rm.checkpoints where view = %s"
BEGIN: Final = "insert into rm.checkpoints (view, position, shape) values (%s, 0, %s)"


class SchemaMissing(Exception):
    """The database has no schema `rm` yet: run `psa migrate` first."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(self.__doc__)


class Standing(msgspec.Struct, frozen=True):
    """How far a view has come, and whether its tables are those of this program and this log."""

    view: str
    position: int
    shape: int
    """Of the stored tables; 0 before there are any, negative once they were found `ahead`."""
    wanted: int
    """Of the code."""
    ahead: bool = False
    """It holds events that the log does not, e.g. since the log was restored from a backup."""

    @property
    def needs_rebuild(self) -> bool:
        """Tell whether the view stays as it is until `psa rebuild` is run for it."""
        return self.ahead or self.shape != self.wanted


def ensure(conninfo: str, views: Sequence[View] = VIEWS) -> list[Standing]:
    """Make the tables of new views and return how every view stands.

    May be called at any time and by several at once. Raises `SchemaMissing`.
    """
    with psycopg.connect(conninfo) as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        owner = connection.execute(OWNER).fetchone()
        if owner is None:
            raise SchemaMissing
        connection.execute(act_as(owner[0]))
        _run(connection, table_statements([checkpoints]))
        for standing, view in zip(_standings(connection, views), views, strict=True):
            if not standing.shape:
                _run(connection, table_statements(view.tables))
                _run(connection, index_statements(view.tables))
                connection.execute(BEGIN, [view.name, view.shape])
        return _standings(connection, views)


def begin_anew(conninfo: str, views: Sequence[View]) -> None:
    """Throw the rows of views away, so that their workers fold them from the first event on.

    For a log that was restored: the rows may tell of people whose keys were destroyed since.
    """
    with psycopg.connect(conninfo) as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        owner = connection.execute(OWNER).fetchone()
        if owner is None:
            return
        connection.execute(act_as(owner[0]))
        _run(connection, table_statements([checkpoints]))
        for view in views:
            for table in view.tables:
                name = Identifier("rm", table.name)
                connection.execute(SQL("drop table if exists {} cascade").format(name))
            connection.execute(FORGET, [view.name])
    ensure(conninfo, views)


def status(conninfo: str, views: Sequence[View] = VIEWS) -> list[Standing]:
    """Return how every view stands."""
    with psycopg.connect(conninfo) as connection:
        return _standings(connection, views)


def mirror_status(conninfo: str, view: View) -> int | None:
    """Return the position that a view's mirror has come to, None where it never had one."""
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(POSITION, [mirror_of(view)]).fetchone()
    return None if row is None else int(row[0])


def _standings(connection: psycopg.Connection[Any], views: Sequence[View]) -> list[Standing]:
    stored = {view: standing for view, *standing in connection.execute(STORED)}
    standings = []
    for view in views:
        position, shape, ahead = stored.get(view.name, (0, 0, False))
        standings.append(Standing(view.name, position, shape, view.shape, ahead))
    return standings


def _run(connection: psycopg.Connection[Any], statements: Sequence[bytes]) -> None:
    for statement in statements:
        connection.execute(statement)
