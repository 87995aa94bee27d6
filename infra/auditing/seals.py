"""The proofs of the package: seals, the keys that signed them, and the program that checks."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib.resources import files
from typing import Any, Final, NamedTuple

import msgspec
import psycopg
from psycopg.rows import args_row

from eventstore.export.spans import Span
from eventstore.sealing import proofs, proving
from eventstore.sealing.proofs import Proof
from eventstore.sealing.proving import EventBroken
from eventstore.sealing.statements import Seal, StatementMalformed, parse
from infra.auditing.drafts import Draft
from infra.seal_keys import public_pem

SEALS: Final = "proofs/seals.jsonl"
CHANGES: Final = "proofs/key_changes.jsonl"
FIRST_KEY: Final = "proofs/first_key.pem"
KEYS: Final = "proofs/keys.pem"
CHECK: Final = "check_proof.py"
PAGE: Final = 1_000
OF_SPAN: Final = """
    select seal, statement, signature from es.seals
     where seal > %s and last_position >= %s and first_position <= %s
     order by seal limit %s
"""
BEFORE: Final = r"""
    select seal, statement, signature from es.seals
     where seal > %s and last_position < %s
       and position(E'\nnext-key ' in statement) > 0
     order by seal limit %s
"""


class Proofs(NamedTuple):
    """The proofs of single events that were asked for."""

    made: Sequence[Proof]
    broken: Sequence[str]
    """Why there is none of an event that was changed, as sentences."""


def prove(connection: psycopg.Connection[Any], events: Sequence[str], key: bytes) -> Proofs:
    """Return a proof of each event, given by its position or its id.

    Raises `EventUnknown` and `EventUnsealed`: who asked can do better.
    """
    made: list[Proof] = []
    broken: list[str] = []
    for event in events:
        try:
            made.append(proving.prove(connection, event, key))
        except EventBroken as error:
            broken.append(str(error))
    return Proofs(made, broken)


def write_proofs(
    draft: Draft,
    connection: psycopg.Connection[Any],
    span: Span,
    first_key: bytes,
    made: Sequence[Proof],
) -> int:
    """Write the seals that cover the span with their keys, and single proofs; tell how many seals.

    The seals before them that hand over to another key lead from the first key to theirs.
    """
    keys: dict[bytes, None] = {}
    _write(draft, CHANGES, _pages(connection, BEFORE, span.first), keys)
    count = _write(draft, SEALS, _pages(connection, OF_SPAN, *span), keys)
    draft.write(FIRST_KEY, public_pem(first_key).decode())
    draft.write(KEYS, "".join(f"{key.hex()}\n{public_pem(key).decode()}" for key in keys))
    for proof in made:
        draft.write(f"proofs/proof-{proof.event.position}.json", proofs.write(proof))
    draft.write(f"proofs/{CHECK}", check_program())
    return count


def check_program() -> str:
    """Return the program that checks a proof with nothing but Python: docs/check_proof.py."""
    # A link here: an installation has no docs, and two copies would differ one day.
    return (files("infra.auditing") / "check_proof.txt").read_text(encoding="utf-8")


def _pages(connection: psycopg.Connection[Any], query: str, *values: int) -> Iterator[Seal]:
    seal = 0
    cursor = connection.cursor(row_factory=args_row(Seal))
    while page := cursor.execute(query.encode(), [seal, *values, PAGE]).fetchall():
        yield from page
        seal = page[-1].seal


def _write(draft: Draft, name: str, seals: Iterator[Seal], keys: dict[bytes, None]) -> int:
    count = 0
    with draft.file(name) as file:
        for seal in seals:
            count += 1
            file.write(msgspec.json.encode(seal) + b"\n")  # As the anchor file has them.
            with suppress(StatementMalformed):  # Verification says so.
                keys[parse(seal.statement).key] = None
    return count
