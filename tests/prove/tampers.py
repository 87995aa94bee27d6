"""Proves that what the owner of the database does to the log is found, and where it begins.

`python -m tests.prove.tampers [TAMPERS] [SEED]` seals a log, changes it in one of many ways, each
drawn with the seed, verifies it, and puts everything back. Between them the log as it was sealed is
verified: it must give no alarm. One line of JSON tells the outcome; what was not found, or at
another position, is told on standard error, and the exit code is 1.
"""

import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import psycopg

from eventstore.migrate import migrate
from eventstore.sealing.problems import Problem
from eventstore.sealing.statements import Seal
from eventstore.sealing.verify import verify
from infra.embedded import Stack
from tests.conftest import APP_ROLE, Database
from tests.eventstore.sealing.given import forge, kept, key, owner, sealed

TABLES: Final = ("events", "streams", "commands", "seals", "identity")
COMMANDS: Final = 60
PER_SEAL: Final = 4
"""Events of a command, and so of a seal."""
HEAD: Final = COMMANDS * PER_SEAL
CLEAN_EVERY: Final = 10
FAR: Final = 1_000_000
MOVE: Final = "update es.events set position = %s where position = %s"
COPY: Final = """
    insert into es.events
    select %s, gen_random_uuid(), 1, gen_random_uuid(), topic, class_version, state, metadata,
           recorded_at
      from es.events
     where position = 1
"""


class Tamper(NamedTuple):
    """What the owner does, and the first position at which it has to be found."""

    kind: str
    position: int
    statements: list[tuple[str, list[Any]]]
    forged: tuple[int, int] | None = None
    """The seals that are made anew with a key of the owner's own."""


def flip_column(chance: random.Random) -> Tamper:
    """Change one bit, character or microsecond in one column of one event."""
    position = chance.randint(1, HEAD)
    bit = chance.randrange(16)
    columns = {
        "stream_id": "(translate(left(stream_id::text, 1), '0123456789abcdef', "
        "'123456789abcdef0') || substr(stream_id::text, 2))::uuid",
        "event_id": "(translate(left(event_id::text, 1), '0123456789abcdef', "
        "'123456789abcdef0') || substr(event_id::text, 2))::uuid",
        "version": f"version # (1::bigint << {20 + bit})",
        "topic": "overlay(topic placing 'x' from 1 + length(topic) / 2)",
        "class_version": f"class_version # (1 << {bit % 14})::smallint",
        "state": f"set_bit(state, {bit}, 1 - get_bit(state, {bit}))",
        "metadata": f"set_bit(metadata, {bit}, 1 - get_bit(metadata, {bit}))",
        "recorded_at": f"recorded_at + {1 << bit} * interval '1 microsecond'",
    }
    column = chance.choice(sorted(columns))
    change = f"update es.events set {column} = {columns[column]} where position = %s"
    return Tamper(f"flip events.{column}", position, [(change, [position])])


def delete(chance: random.Random) -> Tamper:
    """Delete one event, or some in a row."""
    first = chance.randint(1, HEAD)
    last = min(HEAD, first + chance.choice([0, 0, 1, 5]))
    statement = "delete from es.events where position between %s and %s"
    return Tamper("delete", first, [(statement, [first, last])])


def insert(chance: random.Random) -> Tamper:
    """Insert an event before the first, at the end, or behind a gap."""
    where = chance.choice([0, -1 - chance.randrange(99), HEAD + 1, HEAD + 2 + chance.randrange(9)])
    return Tamper("insert", min(where, HEAD + 1), [(COPY, [where])])


def move(chance: random.Random) -> Tamper:
    """Give an event another position."""
    position = chance.randint(1, HEAD)
    return Tamper("move", position, [(MOVE, [FAR + chance.randrange(99), position])])


def swap(chance: random.Random) -> Tamper:
    """Let two events change places."""
    one, two = sorted(chance.sample(range(1, HEAD + 1), 2))
    return Tamper("swap", one, [(MOVE, [FAR, one]), (MOVE, [one, two]), (MOVE, [two, FAR])])


def cut_events(chance: random.Random) -> Tamper:
    """Take away the end of the events."""
    left = chance.randrange(HEAD)
    return Tamper("cut events", left + 1, [("delete from es.events where position > %s", [left])])


def cut_everything(chance: random.Random) -> Tamper:
    """Take away the end of everything, so that only the anchors know."""
    seals = chance.randrange(COMMANDS)
    left = seals * PER_SEAL
    return Tamper(
        "cut everything",
        left + 1,
        [
            ("delete from es.events where position > %s", [left]),
            ("delete from es.streams where first_position > %s", [left]),
            ("delete from es.commands where first_position > %s", [left]),
            ("delete from es.seals where seal > %s", [seals]),
        ],
    )


def recompute(chance: random.Random) -> Tamper:
    """Change an event, and make all seals from there on anew, with another key."""
    position = chance.randint(1, HEAD)
    seal = 1 + (position - 1) // PER_SEAL
    change = "update es.events set topic = topic || '.' where position = %s"
    begins = 1 + (seal - 1) * PER_SEAL
    return Tamper("recompute", begins, [(change, [position])], (seal, COMMANDS))


def replay(chance: random.Random) -> Tamper:
    """Put an older seal in the place of another one."""
    older, seal = sorted(chance.sample(range(1, COMMANDS + 1), 2))
    what = chance.choice(["statement, signature, leaves", "statement, signature"])
    new = ", ".join(f"o.{name}" for name in what.split(", "))
    statement = (
        f"update es.seals s set ({what}) = row({new}) from es.seals o"
        " where s.seal = %s and o.seal = %s"
    )
    return Tamper("replay", 1 + (seal - 1) * PER_SEAL, [(statement, [seal, older])])


def flip_seal(chance: random.Random) -> Tamper:
    """Change one bit, character or number of a seal."""
    seal = chance.randint(1, COMMANDS)
    begins = 1 + (seal - 1) * PER_SEAL
    leaf, bit = chance.randrange(PER_SEAL), chance.randrange(256)
    character = chance.randrange(1, 400)
    columns = {
        "signature": (f"set_bit(signature, {bit}, 1 - get_bit(signature, {bit}))", begins),
        "statement": (f"overlay(statement placing '~' from {character})", begins),
        "first_position": ("first_position + 1", begins),
        "last_position": ("last_position - 1", begins),
        "leaves": (
            f"set_bit(leaves, {leaf * 256 + bit}, 1 - get_bit(leaves, {leaf * 256 + bit}))",
            begins + leaf,
        ),
    }
    column = chance.choice(sorted(columns))
    value, position = columns[column]
    statement = f"update es.seals set {column} = {value} where seal = %s"
    return Tamper(f"flip seals.{column}", position, [(statement, [seal])])


def delete_seal(chance: random.Random) -> Tamper:
    """Delete a seal, which may be the last one."""
    seal = chance.randint(1, COMMANDS)
    begins = 1 + (seal - 1) * PER_SEAL
    return Tamper("delete seal", begins, [("delete from es.seals where seal = %s", [seal])])


def change_streams(chance: random.Random) -> Tamper:
    """Change what es.streams says of one stream, or delete it; a stream has two events here."""
    begins = 1 + 2 * chance.randrange(HEAD // 2)
    change = chance.choice(
        [
            "update es.streams set version = version + 1",
            "update es.streams set last_position = last_position + 1",
            "delete from es.streams",
        ]
    )
    return Tamper("streams", begins, [(f"{change} where first_position = %s", [begins])])


def change_commands(chance: random.Random) -> Tamper:
    """Change which command recorded what, or delete one."""
    begins = 1 + chance.randrange(COMMANDS) * PER_SEAL
    change = chance.choice(
        ["update es.commands set command_id = gen_random_uuid()", "delete from es.commands"]
    )
    return Tamper("commands", begins, [(f"{change} where first_position = %s", [begins])])


KINDS: Final[list[Callable[[random.Random], Tamper]]] = [
    flip_column,
    delete,
    insert,
    move,
    swap,
    cut_events,
    cut_everything,
    recompute,
    replay,
    flip_seal,
    delete_seal,
    change_streams,
    change_commands,
]


class Outcome:
    """What has been tried so far, and what was not found as it had to be."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self.missed: list[tuple[Tamper, Problem | None]] = []
        self.clean_runs = 0
        self.alarms: list[Problem] = []


def run(count: int, seed: int) -> bool:
    """Tamper so often, print the outcome, and tell whether everything was found."""
    begun = time.monotonic()
    unused = {"PSA_NATS_URL": "unused", "PSA_REDIS_URL": "unused"}
    with (
        tempfile.TemporaryDirectory(prefix="psa-prove-") as home,
        Stack(Path(home), external=unused, durable=False) as stack,
    ):
        urls = stack.start()
        migrate(urls.postgres_owner, app_role=APP_ROLE)
        outcome = try_all(Database(urls.postgres, urls.postgres_owner), count, random.Random(seed))
    told = {
        "prove": "tampers",
        "tampers": count,
        "seed": seed,
        "found_at_their_position": count - len(outcome.missed),
        "clean_runs": outcome.clean_runs,
        "false_alarms": len(outcome.alarms),
        "seconds": round(time.monotonic() - begun, 1),
        "kinds": dict(sorted(outcome.kinds.items())),
    }
    print(json.dumps(told))
    for each in [*outcome.missed, *outcome.alarms][:20]:
        print(*each, sep="\n  ", file=sys.stderr)
    return not outcome.missed and not outcome.alarms


def try_all(database: Database, count: int, chance: random.Random) -> Outcome:
    """Tamper so often with a sealed log, which is as it was before each time."""
    outcome = Outcome()
    sealed(database, [f"command {number}" for number in range(COMMANDS)])
    anchored = kept(database)
    remember(database)
    for number in range(count):
        if number % CLEAN_EVERY == 0:
            outcome.clean_runs += 1
            outcome.alarms += filter(None, [found(database, anchored)])
        tamper = chance.choice(KINDS)(chance)
        outcome.kinds[tamper.kind] += 1
        do(database, tamper)
        problem = found(database, anchored)
        if problem is None or problem.position != tamper.position:
            outcome.missed.append((tamper, problem))
        put_back(database)
    return outcome


def found(database: Database, anchored: list[Seal]) -> Problem | None:
    """Return what a verification finds."""
    return verify(database.url, key(1).public, [("the anchor", anchored)]).problem


def do(database: Database, tamper: Tamper) -> None:
    """Do what the owner does."""
    with owner(database) as tampering:
        for statement, values in tamper.statements:
            tampering.execute(statement.encode(), values)
        if tamper.forged is not None:
            for seal in range(tamper.forged[0], tamper.forged[1] + 1):
                forge(tampering, seal, signer=7)


def remember(database: Database) -> None:
    """Keep the log as it is."""
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("create schema kept")
        for table in TABLES:
            connection.execute(f"create table kept.{table} as table es.{table}".encode())


def put_back(database: Database) -> None:
    """Make the log as it was."""
    with owner(database) as connection:
        for table in TABLES:
            connection.execute(f"delete from es.{table}".encode())
            connection.execute(f"insert into es.{table} table kept.{table}".encode())


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    sys.exit(0 if run(*given, *(1_000, 1)[len(given) :]) else 1)
