"""A process of writers, to be killed: `python -m tests.prove.fire.writer`, told by `Orders`."""

import asyncio
import itertools
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Final
from uuid import UUID, uuid5

import msgspec
import psycopg
from psycopg.conninfo import make_conninfo

from eventstore.appender import Appender
from eventstore.batches import APPEND, arguments
from eventstore.errors import LogUnavailable, VersionConflict
from eventstore.packing import register
from eventstore.records import Append, NewEvent
from infra.drivers.jetstream import JetStream
from tests.prove.fire.journal import Journal, Sent, Told, journal_path, open_ended

NAME: Final = "fire-writer"
"""What the killer knows its victims by."""
HELD_SECONDS: Final = 0.002
"""How long a command that is rolled back keeps all others waiting."""
PAUSE_SECONDS: Final = 0.05
ROOT: Final = UUID(int=0xF12E)


class Orders(msgspec.Struct, frozen=True):
    """What a process is told on its command line, as JSON."""

    url: str
    nats: str
    prefix: str
    folder: str
    slot: int
    life: int
    writers: int
    streams: int
    """Which all processes share: fewer than writers, so that some meet and one is refused."""


class Writers:
    """All writers of one process: each sends a command when it knows the answer to the last."""

    def __init__(self, orders: Orders, journal: Journal, appenders: list[Appender]) -> None:
        self._orders = orders
        self._journal = journal
        self._appenders = appenders
        self._versions: dict[UUID, int] = {}
        self.stopping = asyncio.Event()

    async def write(self, number: int) -> None:
        """Write to a stream that others write to, and each fourth time to one of its own, too."""
        orders, slot = self._orders, self._orders.slot
        shared = uuid5(ROOT, f"shared {(number + slot * orders.writers) % orders.streams}")
        own = uuid5(ROOT, f"own {slot} {number}")
        for turn in itertools.count(1):
            if self.stopping.is_set():
                return
            streams = [shared, own, shared] if turn % 4 == 0 else [shared]
            times = 2 if turn % 10 == 0 else 1
            await self.send(number, self._sent(f"{number} {turn}", streams), times=times)

    async def send(self, number: int, sent: Sent, *, times: int = 1) -> None:
        """Append a command, so many times, and keep each answer."""
        self._journal.write(sent)
        appender = self._appenders[number % len(self._appenders)]
        while times:
            try:
                appended = await appender.append(command(sent))
            except LogUnavailable:
                continue
            except VersionConflict as refused:
                self._versions[refused.facts["stream_id"]] = refused.facts["actual"]
                self._journal.write(Told(sent.command_id, "refused"))
                return
            self._journal.appended(appended)
            self._versions |= dict(sent.events)
            times -= 1

    async def roll_back(self) -> None:
        """Append and take it back, again and again, over a connection that may break."""
        turns = itertools.count(1)
        while not self.stopping.is_set():
            try:
                connection = await psycopg.AsyncConnection.connect(self._orders.url)
                register(connection.adapters)
                try:
                    while not self.stopping.is_set():
                        await self._try(connection, next(turns))
                finally:
                    await connection.close()
            except psycopg.OperationalError:
                continue

    async def _try(self, connection: psycopg.AsyncConnection, turn: int) -> None:
        life = f"{self._orders.slot} {self._orders.life}"
        sent = self._sent(f"tried {turn}", [uuid5(ROOT, f"tried {life} {turn}")])
        self._journal.write(Sent(sent.command_id, sent.events, tried=True))
        await connection.execute(APPEND, arguments([command(sent)]))
        await asyncio.sleep(HELD_SECONDS)
        await connection.rollback()
        self._journal.write(Told(sent.command_id, "undone"))
        await asyncio.sleep(PAUSE_SECONDS)

    def _sent(self, name: str, streams: list[UUID]) -> Sent:
        told: Counter[UUID] = Counter()
        events: list[tuple[UUID, int]] = []
        for stream_id in streams:
            told[stream_id] += 1
            events.append((stream_id, self._versions.get(stream_id, 0) + told[stream_id]))
        life = f"{self._orders.slot} {self._orders.life}"
        return Sent(uuid5(ROOT, f"command {life} {name}"), events)


def command(sent: Sent) -> Append:
    """Return the same command whenever it is sent."""
    events = [
        NewEvent(
            stream_id=stream_id,
            version=version,
            event_id=uuid5(sent.command_id, str(place)),
            topic="fire.kept",
            class_version=1,
            state=b'{"place":%d,"text":"%s"}' % (place, b"x" * 100),
        )
        for place, (stream_id, version) in enumerate(sent.events, 1)
    ]
    metadata = f'{{"command_id":"{sent.command_id}","actor":"fire"}}'.encode()
    return Append(sent.command_id, b"fire", metadata, events)


async def run(orders: Orders) -> None:
    """Send again what the life before left unanswered, then write until told to stop."""
    folder = Path(orders.folder)
    left = open_ended(journal_path(folder, orders.slot, orders.life - 1))
    with Journal(journal_path(folder, orders.slot, orders.life)) as journal:
        for sent in left:
            journal.write(sent)
        async with (
            JetStream(orders.nats, prefix=orders.prefix) as broker,
            Appender(orders.url, doorbell=broker.ring) as one,
            Appender(orders.url, doorbell=broker.ring, connections=2) as other,
        ):
            writers = Writers(orders, journal, [one, other])
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, writers.stopping.set)
            await asyncio.gather(*(writers.send(0, sent) for sent in left))
            async with asyncio.TaskGroup() as group:
                group.create_task(writers.roll_back())
                for number in range(orders.writers):
                    group.create_task(writers.write(number))


def named(url: str) -> str:
    """Return the address under which the killer knows a writer's connection."""
    return make_conninfo(url, application_name=NAME)


if __name__ == "__main__":
    asyncio.run(run(msgspec.json.decode(sys.argv[1], type=Orders)))
