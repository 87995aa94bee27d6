"""The order of the log under fire; and the proof of it finds what is wrong."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from eventstore.records import Recorded
from tests.conftest import Database
from tests.eventstore.given import append
from tests.prove.fire.journal import Journal, Line, Sent, Told, open_ended, read
from tests.prove.fire.proof import Fire, prove
from tests.prove.fire.readers import Reader
from tests.prove.fire.verdict import Verdict, judge
from tests.prove.fire.writer import command

ONE, OTHER = UUID(int=1), UUID(int=2)
STREAM = UUID(int=7)
SENT = Sent(ONE, [(STREAM, 1), (STREAM, 2)])
CLEAN = Verdict(2, 0, 0, 0, 0, 0, 0, 0, 0)


async def test_the_log_keeps_its_order_while_writers_die(
    database: Database, nats_url: str, tmp_path: Path
) -> None:
    fire = Fire(seconds=3, writers=24, processes=2)

    figures = await prove(fire, database, nats_url, tmp_path)

    assert figures["holds"], figures
    assert min(figures["kills"].values()) > 0
    assert min(figures[name] for name in ("appended", "refused", "rollbacks", "streamed")) > 0


def recorded(database: Database, *sent: Sent) -> None:
    """Bring commands into the log."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        append(connection, *map(command, sent))


def judged(database: Database, folder: Path, *lines: Line) -> Verdict:
    """What is said of a log when this is what its writer knows."""
    with Journal(folder / "journal") as journal:
        for line in lines:
            journal.write(line)
    return judge(database, [folder / "journal"])


def test_a_log_with_what_was_told_is_clean(database: Database, tmp_path: Path) -> None:
    recorded(database, SENT)

    verdict = judged(database, tmp_path, SENT, Told(ONE, "appended", 1, 2))

    assert verdict == CLEAN
    assert verdict.holds


@pytest.mark.parametrize("is_there", [True, False])
def test_what_nobody_was_told_may_be_there_or_not(
    database: Database, tmp_path: Path, *, is_there: bool
) -> None:
    recorded(database, *[SENT] * is_there)

    verdict = judged(database, tmp_path, SENT)

    assert (verdict.unanswered, verdict.appended) == (1, 2 * is_there)
    assert verdict.holds


def test_what_was_told_and_is_not_there_is_missed(database: Database, tmp_path: Path) -> None:
    verdict = judged(database, tmp_path, SENT, Told(ONE, "appended", 1, 2))

    assert verdict.missed == 2
    assert not verdict.holds


def test_what_is_there_more_than_once_is_doubled(database: Database, tmp_path: Path) -> None:
    recorded(database, SENT)

    verdict = judged(database, tmp_path, Sent(ONE, SENT.events[:1]), Told(ONE, "appended", 1, 2))

    assert verdict.doubled == 1
    assert not verdict.holds


@pytest.mark.parametrize("told", [[], [Told(ONE, "appended", 1, 2)]])
def test_a_command_that_is_there_in_part_is_torn(
    database: Database, tmp_path: Path, told: Sequence[Told]
) -> None:
    recorded(database, Sent(ONE, SENT.events[:1]))

    verdict = judged(database, tmp_path, SENT, *told)

    assert verdict.torn == 1
    assert not verdict.holds


def test_a_command_that_is_not_where_it_was_told_to_be_is_torn(
    database: Database, tmp_path: Path
) -> None:
    recorded(database, SENT)

    verdict = judged(database, tmp_path, SENT, Told(ONE, "appended", 2, 3))

    assert verdict.torn == 1
    assert not verdict.holds


@pytest.mark.parametrize(
    "lines",
    [
        [SENT, Told(ONE, "refused")],
        [Sent(ONE, SENT.events, tried=True), Told(ONE, "undone")],
        [Sent(ONE, SENT.events, tried=True)],
        [],
    ],
    ids=["refused", "taken back", "in the middle of that", "never sent"],
)
def test_what_should_not_be_there_is_unwanted(
    database: Database, tmp_path: Path, lines: Sequence[Line]
) -> None:
    recorded(database, SENT)

    verdict = judged(database, tmp_path, *lines)

    assert verdict.unwanted == 1
    assert not verdict.holds


class Scripted:
    """A feed that delivers what the test says, whatever it is asked for."""

    def __init__(self, *batches: Sequence[int]) -> None:
        self._batches = list(batches)

    async def next(self, after: int) -> list[Recorded]:
        return [an_event(position) for position in self._batches.pop(0)]

    async def acknowledge(self, position: int) -> None:
        pass

    async def close(self) -> None:
        pass


def an_event(position: int) -> Recorded:
    """The event at this position."""
    at = datetime(2026, 1, 5, tzinfo=UTC)
    return Recorded(position, STREAM, position, UUID(int=position), "fire.kept", 1, b"", b"", at)


@pytest.mark.parametrize(
    ("batches", "missed", "doubled"),
    [
        ([[1, 2], [], [3, 4]], 0, 0),
        ([[1], [3, 4]], 1, 0),
        ([[2, 3, 4]], 1, 0),
        ([[1, 2], [2, 3, 4]], 0, 1),
        ([[1, 3], [2, 4]], 1, 1),
    ],
    ids=["in order", "a gap", "a late beginning", "twice", "too late"],
)
async def test_a_reader_counts_what_it_missed_and_what_came_twice(
    batches: list[list[int]], missed: int, doubled: int
) -> None:
    reader = Reader(Scripted(*batches))
    end: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    end.set_result(4)

    await reader.follow(end)

    assert (reader.missed, reader.doubled) == (missed, doubled)


def test_a_line_that_was_cut_was_not_acted_on(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with Journal(path) as journal:
        journal.write(SENT)
        journal.write(Told(ONE, "refused"))
    path.write_bytes(path.read_bytes()[:-5])

    lines = list(read(path))

    assert lines == [SENT]


def test_a_new_life_sends_again_what_was_not_answered_but_not_what_was_taken_back(
    tmp_path: Path,
) -> None:
    waiting = Sent(OTHER, SENT.events)
    with Journal(tmp_path / "journal") as journal:
        for line in (SENT, waiting, Told(ONE, "refused"), Sent(STREAM, SENT.events, tried=True)):
            journal.write(line)

    assert open_ended(tmp_path / "journal") == [waiting]
