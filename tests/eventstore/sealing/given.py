"""What tests of seals start from: fixed keys and a fixed clock, sealed logs, a tampering owner."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eventstore.records import Append
from eventstore.sealing import seals
from eventstore.sealing.chain import End
from eventstore.sealing.leaves import read_leaves
from eventstore.sealing.signatures import SealKeyMissing, Signer
from eventstore.sealing.statements import Seal, parse
from eventstore.sealing.steps import AGE, Steps
from infra.seal_keys import SealKey
from tests.conftest import Database
from tests.eventstore.given import TICKET, append, command, fact

AT = datetime(2026, 1, 5, 9, 12, tzinfo=UTC)
LOG = UUID("5b0c0000-0000-4000-8000-000000000001")
TAMPERED = ("events", "commands", "seals", "identity")


def key(number: int) -> SealKey:
    """The private key of this number."""
    return SealKey(Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))


class FixedKeys:
    """Keys in memory: the first, and those that were made later; a lost one is not found."""

    def __init__(self) -> None:
        self.made = 1
        self.lost: set[bytes] = set()

    def first(self) -> Signer:
        return key(1)

    def of(self, public: bytes) -> Signer:
        for number in range(1, self.made + 1):
            if key(number).public == public and public not in self.lost:
                return key(number)
        raise SealKeyMissing(public.hex())

    def make(self) -> Signer:
        self.made += 1
        return key(self.made)


def steps(
    connection: psycopg.Connection[Any], keys: FixedKeys | None = None, *, age: float = AGE
) -> Steps:
    """A sealer whose steps the test takes."""
    return Steps(connection, keys or FixedKeys(), lambda: AT, age=age)


def told(name: str, *, streams: int = 2, events: int = 2) -> Append:
    """A command with events of several streams, and metadata as the platform writes it."""
    ids = [uuid5(TICKET, f"{name}/{number}") for number in range(streams)]
    facts = [fact(stream, version) for stream in ids for version in range(1, events + 1)]
    plain = command(name, *facts)
    metadata = f'{{"command_id":"{plain.command_id}","actor":"mia"}}'
    return Append(plain.command_id, plain.request_hash, metadata.encode(), facts)


def record(database: Database, *commands: Append) -> None:
    """Append commands, each in a batch of its own."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        for each in commands:
            append(connection, each)


def sealed(database: Database, names: Sequence[str] = ("one", "two", "three")) -> None:
    """Record a command of four events for each name, each under a seal of its own."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        at_work = steps(connection)
        for name in names:
            append(connection, told(name))
            assert at_work.seal(at_once=True) == 4


@contextmanager
def owner(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """The owner of the database, who has put aside what keeps the log from changes."""
    with psycopg.connect(database.owner_url) as connection:
        for table in TAMPERED:
            connection.execute(f"alter table es.{table} disable trigger append_only".encode())
        yield connection
        for table in TAMPERED:
            connection.execute(f"alter table es.{table} enable always trigger append_only".encode())


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    """What a query answers."""
    with psycopg.connect(database.url) as connection:
        return connection.execute(query.encode()).fetchall()


def kept(database: Database) -> list[Seal]:
    """All seals, as an anchor keeps them."""
    with psycopg.connect(database.url) as connection:
        return seals.read_after(connection, 0)


def forge(
    tampering: psycopg.Connection[Any],
    number: int,
    *,
    signer: int = 1,
    signature: bytes | None = None,
) -> None:
    """Make a seal anew from the events as they are now, as good as the owner can."""
    row = tampering.execute("select statement from es.seals where seal = %s", [number]).fetchone()
    assert row is not None
    old = parse(row[0])
    before = tampering.execute(
        "select seal, statement, signature from es.seals where seal = %s", [number - 1]
    ).fetchone()
    end = End.of_nothing(old.log)
    if before is not None:
        end = end.after(parse(before[1]), Seal(*before).digest)
    leaves = read_leaves(tampering, old.first, old.last)
    seal = end.seal_events(leaves, key(signer), AT)
    tampering.execute(
        "update es.seals set statement = %s, signature = %s, leaves = %s where seal = %s",
        [seal.statement, signature or seal.signature, b"".join(leaves), number],
    )
