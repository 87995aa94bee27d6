"""Putting new tables in the place of the live ones, in one transaction, under running queries."""

import asyncio
from typing import Any, Final

from psycopg import AsyncConnection, errors
from psycopg.sql import SQL, Identifier

from projections import checkpoints
from projections.running.growth import Growth
from projections.running.hashes import hash_in
from projections.view import View

PATIENCE: Final = (0.1, 0.2, 0.4, 0.8, 1.6, 1.6)
"""Seconds that queries may have to queue behind us, at each attempt to lock them out.

Longer than a second (`deadlock_timeout`), Postgres cancels an autovacuum in our way.
"""
PRESENT: Final = """
    select relname from pg_class
     where relnamespace = 'rm'::regnamespace and relname = any (%s)
     order by relname
"""
GRANTS: Final = """
    select format('grant %%s on %%I.%%I to %%s', privilege_type, %s::text, relname,
                  case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end)
      from pg_class, aclexplode(relacl)
     where relnamespace = 'rm'::regnamespace and relname = any (%s) and grantee <> relowner
"""


class QueriesInTheWay(Exception):
    """Queries hold the live tables for so long that they can not be replaced now."""


async def swap(connection: AsyncConnection[Any], growth: Growth) -> tuple[str | None, str]:
    """Replace the live tables and checkpoint; return the hashes before and after.

    Raises `QueriesInTheWay`; then nothing has happened.
    """
    view = growth.view
    async with connection.transaction():
        # From here on the worker waits, while queries still read the live tables.
        live = await checkpoints.lock(connection, view)
        await growth.fold_upto(live.position)
        comparable = (live.position, live.shape) == (growth.position, view.shape)
        before = await hash_in(connection, view) if comparable else None
        after = await hash_in(connection, view, growth.schema)
        await _lock_queries_out(connection, view)
        await _grant_alike(connection, growth)
        await _replace(connection, growth)
        await checkpoints.replace(connection, view, growth.position)
    return before, after


async def _lock_queries_out(connection: AsyncConnection[Any], view: View) -> None:
    names = [*(table.name for table in view.tables), *view.formerly]
    cursor = await connection.execute(PRESENT, [names])
    tables = SQL(", ").join(Identifier("rm", name) for (name,) in await cursor.fetchall())
    for seconds in PATIENCE:
        try:
            async with connection.transaction():
                timeout = f"{int(seconds * 1000)}ms"
                await connection.execute("select set_config('lock_timeout', %s, true)", [timeout])
                await connection.execute(SQL("lock table {}").format(tables))
        except errors.LockNotAvailable:
            # Whoever queued behind us gets a turn before we try again.
            await asyncio.sleep(seconds)
        else:
            return
    raise QueriesInTheWay


async def _grant_alike(connection: AsyncConnection[Any], growth: Growth) -> None:
    """Let whoever may read the live tables, e.g. a reporting tool, read the new ones."""
    names = [table.name for table in growth.view.tables]
    cursor = await connection.execute(GRANTS, [growth.schema, names])
    for (grant,) in await cursor.fetchall():
        await connection.execute(grant)


async def _replace(connection: AsyncConnection[Any], growth: Growth) -> None:
    # First, so that the names of their indexes are free.
    for former in growth.view.formerly:
        await connection.execute(SQL("drop table if exists rm.{}").format(Identifier(former)))
    schema = Identifier(growth.schema)
    for table in growth.view.tables:
        name = Identifier(table.name)
        for statement in (
            SQL("drop table if exists rm.{}").format(name),
            SQL("alter table {}.{} set schema rm").format(schema, name),
        ):
            await connection.execute(statement)
    await connection.execute(SQL("drop schema {}").format(schema))
