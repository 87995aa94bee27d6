"""Compares the events with their seals: leaves, roots and chain, made anew from the rows."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

import psycopg

from eventstore.sealing.leaves import SIZE, chained, leaf, position, read_leaves, read_rows, split
from eventstore.sealing.merkle import root
from eventstore.sealing.problems import Problem
from eventstore.sealing.walk import Proved

BATCH: Final = 8_192
"""About how many events are compared at once: one query, however small their seals are."""
SESSION: Final = """
    select set_config('enable_seqscan', 'off', false),
           set_config('enable_bitmapscan', 'off', false),
           set_config('enable_sort', 'off', false),
           set_config('jit', 'off', false)
"""
LEAVES: Final = "select leaves from es.seals where seal between %s and %s order by seal"


def batches(seals: Sequence[Proved]) -> Iterator[list[Proved]]:
    """Yield consecutive seals, about `BATCH` events at a time; seals of no events are left out."""
    batch: list[Proved] = []
    for seal in seals:
        if seal.last < seal.first:
            continue
        batch.append(seal)
        if seal.last - batch[0].first + 1 >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def compare(connection: psycopg.Connection[Any], batch: Sequence[Proved]) -> Problem | None:
    """Return the first thing that is not as these seals say, None when all of it is."""
    leaves = read_leaves(connection, batch[0].first, batch[-1].last)
    at = 0
    for seal in batch:
        part = leaves[at : (at := at + seal.last - seal.first + 1)]
        if root(part) != seal.root or chained(seal.before, part) != seal.chain:
            return _explain(connection, seal)
    if len(leaves) != at:
        return _explain(connection, batch[-1])
    return _compare_stored(connection, batch, leaves)


def compare_lost(
    connection: psycopg.Connection[Any], seal: int, first: int, last: int, stated: bytes
) -> Problem | None:
    """Return what is wrong with events that were left where a restore took their seal away."""
    if root(read_leaves(connection, first, last)) == stated:
        return None
    what = f"an event from here to position {last} is not as seal {seal} has it, which was lost"
    return Problem(first, f"{what} by a restore")


def _compare_stored(
    connection: psycopg.Connection[Any], batch: Sequence[Proved], leaves: list[bytes]
) -> Problem | None:
    # They prove nothing, but nothing else could tell which event was changed one day.
    rows = connection.execute(LEAVES, [batch[0].seal, batch[-1].seal]).fetchall()
    stored = b"".join(row[0] for row in rows)
    if stored == b"".join(leaves):
        return None
    first = batch[0].first
    at = next((n for n, each in enumerate(leaves) if each != stored[n * SIZE :][:SIZE]), 0)
    return Problem(first + at, "the leaf that is kept beside its seal was changed")


def _explain(connection: psycopg.Connection[Any], seal: Proved) -> Problem:
    """Say what is wrong with the events of a seal that does not hold."""
    found = [(position(r), leaf(r)) for r in read_rows(connection, seal.first, seal.last)]
    counts = Counter(place for place, _ in found)
    made = dict(found)
    stored = _stored(connection, seal)
    for place in range(seal.first, seal.last + 1):
        if place not in made:
            return Problem(place, f"the event is missing, seal {seal.seal} covers it")
        if counts[place] > 1:
            return Problem(place, "there is more than one event, only one was sealed")
        if stored and made[place] != stored[place - seal.first]:
            return Problem(place, f"the event was changed after seal {seal.seal}")
    return Problem(
        seal.first,
        f"an event from here to position {seal.last} was changed after seal {seal.seal}, "
        "and the leaves beside the seal were, too",
    )


def _stored(connection: psycopg.Connection[Any], seal: Proved) -> list[bytes]:
    """Return the kept leaves of a seal, if they are those that its root covers."""
    row = connection.execute(LEAVES, [seal.seal, seal.seal]).fetchone()
    leaves = split(row[0]) if row else []
    return leaves if root(leaves) == seal.root else []
