"""The proof that an event is in the log as it was sealed, which nobody needs the log to check.

What a proof says and what can be computed is computed, and compared (docs/audit.md).
"""

import json
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, NamedTuple, Self

import msgspec
from msgspec import Meta

from eventstore.sealing.leaves import leaf
from eventstore.sealing.merkle import leads_to, path
from eventstore.sealing.rows import SAFE, Event, packed, unpacked
from eventstore.sealing.signatures import is_signed
from eventstore.sealing.statements import NOTHING_BEFORE, Seal, Statement, parse

LARGEST: Final = 2**26
"""Bytes of a file that is read as a proof; far more than any event has."""
DIGITS: Final = 1_000
"""Digits of a number that is read: a longer one is no number of ours."""
NOTE: Final = "Decoded from the bytes in event, for people; what is verified is the bytes."

Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
Index = Annotated[int, Meta(ge=0, le=SAFE)]


class ProofMalformed(ValueError):
    """The file is no proof of an event; the message says why."""


class NotProved(Exception):
    """The proof does not hold; the message says what is wrong with it."""


class ForPeople(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the bytes of an event say, null where that is no JSON."""

    note: Literal["Decoded from the bytes in event, for people; what is verified is the bytes."]
    state: Any
    metadata: Any


class Tree(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What leads from the leaf to the root that is sealed, lowest neighbour first."""

    index: Index
    size: Index
    path: list[Hash]


class Signed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A seal: its statement, and its signature in Base64."""

    statement: str
    signature: str

    @classmethod
    def of(cls, seal: Seal) -> Self:
        """Return a seal of the log as a proof has it."""
        return cls(seal.statement, packed(seal.signature))

    def read(self) -> tuple[Seal, Statement]:
        """Return the seal and what it states; raises ValueError where it is none."""
        statement = parse(self.statement)
        return Seal(statement.seal, self.statement, unpacked(self.signature)), statement


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One event, and all that is needed to know when it was sealed and by whom."""

    format: Literal["psa-event-proof"]
    version: Literal[1]
    event: Event
    for_people: ForPeople
    tree: Tree
    seal: Signed
    key_changes: list[Signed]
    """The seals before it that hand over to another key, oldest first."""


class Proved(NamedTuple):
    """What a proof that holds has proved."""

    event: Event
    seal: Statement

    def __str__(self) -> str:
        event, seal = self
        at = seal.text.partition("\nsealed-at ")[2].partition("\n")[0]
        return (
            f"position {event.position}, {event.topic}, event {event.event_id}, recorded at "
            f"{event.recorded_at}, is in seal {seal.seal} of log {seal.log}, sealed at {at}"
        )


def make(row: bytes, seal: Seal, leaves: Sequence[bytes], changes: Sequence[Seal]) -> Proof:
    """Return the proof of the event of this row, given its seal with all its leaves.

    `changes` are the seals before it that hand over to another key, oldest first.
    """
    event = Event.of(row)
    index = event.position - parse(seal.statement).first
    return Proof(
        format="psa-event-proof",
        version=1,
        event=event,
        for_people=ForPeople(NOTE, _decoded(event.state), _decoded(event.metadata)),
        tree=Tree(index, len(leaves), [each.hex() for each in path(leaves, index)]),
        seal=Signed.of(seal),
        key_changes=[Signed.of(each) for each in changes],
    )


def write(proof: Proof) -> str:
    """Return the text of the file that has this proof."""
    return json.dumps(msgspec.to_builtins(proof), indent=2, ensure_ascii=False) + "\n"


def read(content: bytes) -> Proof:
    """Return the proof in a file; raises `ProofMalformed`."""
    if len(content) > LARGEST:
        msg = f"it has more than {LARGEST} bytes"
        raise ProofMalformed(msg)
    try:
        return msgspec.convert(_json(content), Proof)
    except (ValueError, RecursionError) as error:
        raise ProofMalformed(str(error)) from error


def check(proof: Proof, first_key: bytes) -> Proved:
    """Return what a proof proves to whom keeps the public key that signs the first seal.

    Raises `ProofMalformed` where a field is not written as it has to be, and `NotProved`.
    """
    try:
        row = proof.event.row
        signatures = [unpacked(each.signature) for each in (*proof.key_changes, proof.seal)]
        said = (_decoded(proof.event.state), _decoded(proof.event.metadata))
        same = _same(said, (proof.for_people.state, proof.for_people.metadata))
    except (ValueError, RecursionError) as error:
        raise ProofMalformed(str(error)) from error
    if any(len(signature) != 64 for signature in signatures):  # noqa: PLR2004 - of Ed25519
        msg = "a signature has not 64 bytes"
        raise ProofMalformed(msg)
    if not same:
        msg = "what is decoded for people is not what the bytes of the event say"
        raise NotProved(msg)
    statement = _sealed(proof, first_key)
    _in_tree(proof, leaf(row), statement)
    return Proved(proof.event, statement)


def _sealed(proof: Proof, key: bytes) -> Statement:
    """Follow the keys from the first one, and return what the seal of the event states."""
    before: tuple[int, int, bytes] = (0, 0, NOTHING_BEFORE)
    logs = set()
    for number, signed in enumerate((*proof.key_changes, proof.seal)):
        try:
            seal, statement = signed.read()
        except ValueError as error:
            raise NotProved(str(error)) from error
        if statement.key != key or not is_signed(seal, key):
            msg = f"seal {seal.seal} is not signed with the key {key.hex()[:16]}..."
            raise NotProved(msg)
        logs.add(statement.log)
        if len(logs) > 1 or not _follows(statement, *before):
            msg = f"seal {seal.seal} can not follow the seal that is before it"
            raise NotProved(msg)
        if number < len(proof.key_changes) and statement.next_key is None:
            msg = f"seal {seal.seal} does not change the key"
            raise NotProved(msg)
        key = statement.next_key or key
        before = (statement.seal, statement.last, seal.digest)
    return statement


def _follows(statement: Statement, seal: int, last: int, digest: bytes) -> bool:
    """Tell whether a seal can stand behind another one, directly or with others between them."""
    seals, positions = statement.seal - seal, statement.first - last
    if seals == 1:
        return statement.previous == digest and positions == 1
    return 1 < seals <= positions  # Those between hold an event each, at least.


def _in_tree(proof: Proof, leaf: bytes, statement: Statement) -> None:
    position, tree = proof.event.position, proof.tree
    if not statement.first <= position <= statement.last:
        msg = f"position {position} is not one of seal {statement.seal}"
        raise NotProved(msg)
    index, size = position - statement.first, statement.last - statement.first + 1
    if (tree.index, tree.size) != (index, size):
        msg = f"position {position} is at {index} of {size} in seal {statement.seal}"
        raise NotProved(msg)
    neighbours = [bytes.fromhex(each) for each in tree.path]
    if not leads_to(leaf, index, size, neighbours, statement.root):
        msg = f"the event does not lead to the root of seal {statement.seal}: it was changed"
        raise NotProved(msg)


def _decoded(text: str) -> Any:
    try:
        return _json(unpacked(text))
    except (ValueError, RecursionError):
        return None


def _same(one: Any, other: Any) -> bool:
    # As text: to Python, True is 1, and 1 is 1.0.
    return json.dumps(one) == json.dumps(other)


def _json(content: bytes) -> Any:
    return json.loads(
        content.decode(),
        object_pairs_hook=_object,
        parse_int=_int,
        parse_float=_float,
        parse_constant=_int,
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):  # A reader would believe the one, a program the other.
        msg = "a name is there twice"
        raise ValueError(msg)
    return found


def _int(text: str) -> int:
    if len(text) > DIGITS:
        msg = "a number is too long"
        raise ValueError(msg)
    return int(text)


def _float(text: str) -> float:
    found = float(text)
    if found in (float("inf"), float("-inf")):
        msg = "a number is too large"
        raise ValueError(msg)
    return found
