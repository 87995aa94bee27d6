"""Breaks random connections of the writers, and kills random writing processes."""

import asyncio
import itertools
import random
import time
from typing import Final

import psycopg

from tests.prove.fire.crew import Crew
from tests.prove.fire.writer import NAME

PAUSE_SECONDS: Final = (0.05, 0.35)
EACH_PROCESS: Final = 6
"""Every so many times a process dies, otherwise a connection."""
BEGIN_SECONDS: Final = 60.0
VICTIMS: Final = """
    select pid from pg_stat_activity
     where datname = current_database() and application_name = %s
       and query like '%%es.append(%%'
     order by pid
"""


class Killer:
    """Kills in an order that the seed gives; who is hit, and where, the race decides."""

    def __init__(self, url: str, crew: Crew, seed: int) -> None:
        self._url = url
        self._crew = crew
        self._chance = random.Random(seed)
        self.connections = self.processes = 0

    async def kill_for(self, seconds: float) -> None:
        """Kill until the time is over and one of each kind is dead; all are at work before."""
        await self._until_all_are_at_work()
        end = time.monotonic() + seconds
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as own:
            for turn in itertools.count(1):
                await asyncio.sleep(self._chance.uniform(*PAUSE_SECONDS))
                if turn % EACH_PROCESS:
                    await self._kill_a_connection(own)
                else:
                    self._kill_a_process()
                if time.monotonic() > end and self.connections and self.processes:
                    return

    async def _until_all_are_at_work(self) -> None:
        async with asyncio.timeout(BEGIN_SECONDS):
            while len(self._crew.at_work()) < self._crew.size:  # noqa: ASYNC110 - processes
                await asyncio.sleep(0.05)

    async def _kill_a_connection(self, own: psycopg.AsyncConnection) -> None:
        rows = await (await own.execute(VICTIMS, [NAME])).fetchall()
        if rows:
            [victim] = self._chance.choice(rows)
            await own.execute("select pg_terminate_backend(%s)", [victim])
            self.connections += 1

    def _kill_a_process(self) -> None:
        # One that has not begun yet has nothing to lose.
        if slots := self._crew.at_work():
            self._crew.kill(self._chance.choice(slots))
            self.processes += 1
