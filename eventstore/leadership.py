"""At most one leader among all processes, by the word of Postgres."""

from typing import Any, Final

import psycopg

from eventstore.log import LINE

RELAY: Final = 20253


class Leadership:
    """A session lock on a connection of its own: whoever loses one has lost the other.

    It is advice, not a fence: for a moment two may believe that they lead, and what the
    former one does has to be refused where it arrives. Needs a direct connection; a pool
    of transactions would share the lock.
    """

    def __init__(self, conninfo: str, lock: int) -> None:
        self._conninfo = conninfo
        self._lock = lock
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._leads = False

    async def take(self) -> bool:
        """Return whether this is the leader, now or still; does not wait for the other one.

        Raises psycopg.Error when Postgres can not be asked; then it is not.
        """
        try:
            if self._connection is None:
                self._connection = await psycopg.AsyncConnection.connect(
                    self._conninfo, autocommit=True, **LINE
                )
            return await self._ask(self._connection)
        except psycopg.Error:
            await self.give_back()
            raise

    async def give_back(self) -> None:
        """Let somebody else lead."""
        self._leads = False
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _ask(self, connection: psycopg.AsyncConnection[Any]) -> bool:
        if self._leads:
            await connection.execute("select 1")
        else:
            # Waiting for the lock would keep a snapshot open, and VACUUM from its work.
            cursor = await connection.execute("select pg_try_advisory_lock(%s)", [self._lock])
            self._leads = (await cursor.fetchone()) == (True,)
        return self._leads
