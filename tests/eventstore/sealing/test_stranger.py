"""Who has read docs/audit.md and none of the code can verify the log: this file is one who did.

It takes the columns as any client gets them, not as `COPY` sends them, and builds the rest itself.
"""

import struct
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.conftest import Database
from tests.eventstore.given import append
from tests.eventstore.sealing.given import FixedKeys, key, rows, steps, told

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
EVENTS = """
    select position, stream_id, version, event_id, topic, class_version, state, metadata,
           recorded_at
      from es.events order by position
"""


def leaf(event: tuple[Any, ...]) -> bytes:
    """The hash of a row as the document tells to write it."""
    position, stream, version, event_id, topic, class_version, state, metadata, recorded = event
    fields = [
        struct.pack(">q", position),
        stream.bytes,
        struct.pack(">q", version),
        event_id.bytes,
        topic.encode(),
        struct.pack(">h", class_version),
        state,
        metadata,
        struct.pack(">q", (recorded - EPOCH) // timedelta(microseconds=1)),
    ]
    row = struct.pack(">h", 9) + b"".join(struct.pack(">i", len(f)) + f for f in fields)
    return sha256(b"\x00" + row).digest()


def root(leaves: list[bytes]) -> bytes:
    """The tree hash of RFC 6962 §2.1 over what are leaf hashes already."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\x01" + root(leaves[:half]) + root(leaves[half:])).digest()


def holds(database: Database, public: bytes) -> bool:
    """Tell whether every event is as it was sealed, beginning with this key."""
    leaves = [leaf(event) for event in rows(database, EVENTS)]
    ((log,),) = rows(database, "select log_id from es.identity")
    chain, previous, position = sha256(str(log).encode()).digest(), bytes(32), 0
    sealed = rows(database, "select statement, signature from es.seals order by seal")
    for number, (statement, signature) in enumerate(sealed, 1):
        Ed25519PublicKey.from_public_bytes(public).verify(signature, statement.encode())
        said = dict(line.split(" ", 1) for line in statement.splitlines()[1:])
        first, last = map(int, said["positions"].split("-"))
        covered = leaves[first - 1 : last]
        for each in covered:
            chain = sha256(chain + each).digest()
        stated = {
            "log": str(log),
            "seal": str(number),
            "positions": f"{position + 1}-{last}",
            "root": root(covered).hex(),
            "chain": chain.hex(),
            "previous": previous.hex(),
            "key": public.hex(),
        }
        if stated != {name: said[name] for name in stated}:
            return False
        if "next-key" in said:
            public = bytes.fromhex(said["next-key"])
        previous, position = sha256(statement.encode() + signature).digest(), last
    return position == len(leaves)


def test_a_stranger_who_has_the_document_and_the_public_key_verifies_the_log(
    database: Database, connection: psycopg.Connection[Any]
) -> None:
    keys = FixedKeys()
    at_work = steps(connection, keys)
    for streams in (1, 3, 7):
        append(connection, told(str(streams), streams=streams))
        at_work.seal(at_once=True)
        at_work.rotate()

    assert holds(database, key(1).public)
