"""A statement has one form, to the byte."""

import pytest

from eventstore.sealing.chain import End
from eventstore.sealing.leaves import leaf
from eventstore.sealing.signatures import is_signed
from eventstore.sealing.statements import Seal, StatementMalformed, parse
from tests.eventstore.sealing.given import AT, LOG, key

WRITTEN = """\
psa-seal/1
log 5b0c0000-0000-4000-8000-000000000001
seal 1
positions 1-2
root 73c00cacbf3c0dba8fae1b4ea7c4bdf6e8b4c7e0e3a1c2b7b1f2d9c8d8e0f0aa
chain 0d0fd8c2a9f6a29dbf0d6b2b8a2bca2b2d7ea7f49b95fdc1a8e6b15b0b1b7b11
previous 0000000000000000000000000000000000000000000000000000000000000000
key 8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c
sealed-at 2026-01-05T09:12:00.000Z
"""


def test_a_statement_is_read_as_it_is_written() -> None:
    statement = parse(WRITTEN)

    assert statement.text == WRITTEN
    assert (statement.log, statement.seal, statement.first, statement.last) == (LOG, 1, 1, 2)
    assert statement.key == key(1).public
    assert statement.sealed_at == AT


def test_the_key_that_follows_is_the_last_line() -> None:
    statement = parse(WRITTEN + f"next-key {key(2).public.hex()}\n")

    assert statement.next_key == key(2).public


@pytest.mark.parametrize(
    "text",
    [
        "",
        WRITTEN[:-1],
        WRITTEN + "\n",
        WRITTEN + "note all is well\n",
        WRITTEN.replace("\n", "\r\n"),
        WRITTEN.replace("seal 1", "seal 01"),
        WRITTEN.replace("seal 1\n", "seal 1\nseal 1\n"),
        WRITTEN.replace("seal 1", "seal 0"),
        WRITTEN.replace("seal 1", "seal \u0661"),
        WRITTEN.replace("psa-seal/1", "psa-seal/2"),
        WRITTEN.replace("root 7", "root "),
        WRITTEN.replace("key 8a88e3", "key 8A88E3"),
        WRITTEN.replace("5b0c0000-0000", "5b0c00000000-"),
        WRITTEN.replace("2026-01-05", "2026-02-30"),
        WRITTEN.replace(".000Z", "Z"),
        WRITTEN.replace("log ", "log  "),
    ],
)
def test_any_other_text_is_no_statement(text: str) -> None:
    with pytest.raises(StatementMalformed):
        parse(text)


def test_a_seal_is_signed_by_its_key_over_its_text() -> None:
    seal = End.of_nothing(LOG).seal_events([leaf(b"one"), leaf(b"two")], key(1), AT)

    assert is_signed(seal, key(1).public)
    assert not is_signed(seal, key(2).public)
    assert not is_signed(Seal(1, seal.statement.replace("1-2", "1-3"), seal.signature), seal_key())
    assert not is_signed(Seal(1, seal.statement, b""), seal_key())


def seal_key() -> bytes:
    """The public key of the seals here."""
    return key(1).public


def test_a_seal_follows_the_one_before_it() -> None:
    first = End.of_nothing(LOG).seal_events([leaf(b"one"), leaf(b"two")], key(1), AT)
    end = End.of_nothing(LOG).after(parse(first.statement), first.digest)

    second = parse(end.seal_events([leaf(b"three")], key(1), AT).statement)

    assert (second.seal, second.first, second.last) == (2, 3, 3)
    assert second.previous == first.digest


def test_the_chain_of_two_seals_is_that_of_one_over_all_events() -> None:
    leaves = [leaf(b"one"), leaf(b"two"), leaf(b"three")]
    nothing = End.of_nothing(LOG)
    first = nothing.seal_events(leaves[:2], key(1), AT)
    end = nothing.after(parse(first.statement), first.digest)

    second = end.seal_events(leaves[2:], key(1), AT)

    at_once = nothing.seal_events(leaves, key(1), AT)
    assert parse(second.statement).chain == parse(at_once.statement).chain


def test_a_change_of_the_key_is_signed_with_the_old_one_and_seals_nothing() -> None:
    nothing = End.of_nothing(LOG)

    change = nothing.change_key(key(2).public, key(1), AT)

    statement = parse(change.statement)
    assert is_signed(change, key(1).public)
    assert (statement.first, statement.last) == (1, 0)
    assert nothing.after(statement, change.digest).key == key(2).public
