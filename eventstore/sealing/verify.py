"""Verifies the log: the chain of seals, the events, the anchors, and what stands beside."""

import multiprocessing
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import psycopg

from eventstore.sealing import anchors, epochs, problems, ranges, seals, tables, walk
from eventstore.sealing.anchors import Anchored
from eventstore.sealing.epochs import Epoch
from eventstore.sealing.losses import Loss, losses
from eventstore.sealing.problems import Problem
from eventstore.sealing.statements import Seal
from eventstore.sealing.walk import Proved

Progress = Callable[[int, int], None]
WORTH: Final = 500_000
"""How many events are compared sooner than another process has started."""
Kept = tuple[str, Iterable[Seal]]
"""An anchor's name, and what it keeps."""


class Report(NamedTuple):
    """What a verification has found; without a problem, everything is as it was sealed."""

    problem: Problem | None
    seals: int
    events: int
    """How many events were compared with their seals."""
    sealed_to: int
    unsealed: int
    unsealed_seconds: float | None
    """How long ago the oldest event was recorded that no seal covers."""
    anchored: dict[str, int]
    """How many of the seals each anchor has."""
    seconds: float
    losses: list[Loss] = []  # noqa: RUF012 - nobody changes it
    """What was lost by the restores of this log, as the anchors tell it."""


def verify(
    conninfo: str,
    first_key: bytes,
    kept: Sequence[Kept] = (),
    *,
    span: tuple[int, int] | None = None,
    processes: int = 1,
    progress: Progress = lambda _, __: None,
) -> Report:
    """Check the log against its seals, of which `first_key` has to have signed the first.

    All seals are checked, and the events of those that reach into `span`. Without a span, and where
    all else is well, streams and commands are compared with the events.
    Raises psycopg.Error when Postgres can not be asked.
    """
    begun = time.perf_counter()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        restores = epochs.read_rows(connection)
        log = seals.log_id(connection)
        walked = walk.walk(log, first_key, seals.read_rows(connection), restores)
        chosen = [seal for seal in walked.seals if _reaches(seal, span)]
        anchored = [anchors.compare(name, seals, walked) for name, seals in kept]
        found = [walked.problem, *(each.problem for each in anchored)]
        found += tables.check_positions(connection, walked.end.position)
        found.append(compare_events(conninfo, chosen, processes, progress))
        found += _left_behind(connection, walked.epochs, anchored)
        if span is None and problems.first(found) is None:
            # Beside events that were changed, it is not the table that is wrong.
            found += tables.check_tables(connection)
        waiting, age = tables.unsealed(connection, walked.end.position)
    return Report(
        problem=problems.first(found),
        seals=len(walked.seals),
        events=_events(chosen),
        sealed_to=walked.end.position,
        unsealed=waiting,
        unsealed_seconds=age,
        anchored={each.name: each.seals for each in anchored},
        seconds=time.perf_counter() - begun,
        losses=losses(walked.epochs, [loss for each in anchored for loss in each.lost]),
    )


def _left_behind(
    connection: psycopg.Connection[Any], begun: Sequence[Epoch], anchored: Sequence[Anchored]
) -> Iterator[Problem | None]:
    """Compare the last events before each restore, whose seals it took away and not them."""
    ends = {epoch.epoch: epoch.first - 1 for epoch in begun}
    for loss in {loss for each in anchored for loss in each.lost}:
        end = min(last for epoch, last in ends.items() if epoch >= loss.epoch)
        if loss.first <= loss.last <= end:
            span = (loss.first, loss.last)
            yield ranges.compare_lost(connection, loss.seal, *span, loss.root)


def compare_events(
    conninfo: str, chosen: Sequence[Proved], processes: int, progress: Progress
) -> Problem | None:
    """Return the first event that is not as it was sealed, comparing in several processes."""
    batches = list(ranges.batches(chosen))
    total = _events(chosen)
    done = 0
    with _comparing(conninfo, min(processes, 1 + total // WORTH)) as compare:
        for batch, problem in zip(batches, compare(batches), strict=False):
            if problem is not None:
                return problem  # The batches come in their order: there is no earlier one.
            done += _events(batch)
            progress(done, total)
    return None


Compare = Callable[[Sequence[list[Proved]]], Iterator[Problem | None]]


@contextmanager
def _comparing(conninfo: str, processes: int) -> Iterator[Compare]:
    if processes <= 1:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(ranges.SESSION)
            yield lambda batches: (ranges.compare(connection, batch) for batch in batches)
        return
    # Not forked: connections and threads of this process are none of the others' business.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, context, initializer=_connect, initargs=(conninfo,))
    try:
        yield lambda batches: pool.map(_compare, batches)
    finally:
        pool.shutdown(cancel_futures=True)


_connections: list[psycopg.Connection[Any]] = []
"""The connection of a process that compares."""


def _connect(conninfo: str) -> None:
    connection = psycopg.connect(conninfo, autocommit=True)
    connection.execute(ranges.SESSION)
    _connections.append(connection)


def _compare(batch: Sequence[Proved]) -> Problem | None:
    return ranges.compare(_connections[0], batch)


def _reaches(seal: Proved, span: tuple[int, int] | None) -> bool:
    return span is None or (seal.last >= span[0] and seal.first <= span[1])


def _events(chosen: Sequence[Proved]) -> int:
    return sum(seal.last - seal.first + 1 for seal in chosen)
