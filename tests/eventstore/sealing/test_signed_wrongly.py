"""What is well signed and yet no proof: only who has a private key can make it."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from eventstore.sealing.proofs import Proof, Signed, write
from eventstore.sealing.rows import packed, unpacked
from eventstore.sealing.statements import Seal
from infra.seal_keys import public_pem
from tests.eventstore.sealing.given import key
from tests.eventstore.sealing.proved import offline, other_language, ours, outcome, proof_of
from tests.eventstore.sealing.test_proofs import FIRST, MIDDLE, NODE, SINGLE

ORDER = 2**252 + 27742317777372353535851937790883648493
"""Of the group of Ed25519: a signature's second half is below it (RFC 8032 §5.1.7)."""


def signed(seal: Signed, signer: int, *changes: tuple[str, str]) -> Signed:
    """A seal whose text was changed, signed anew."""
    text = seal.statement
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return Signed(text, packed(key(signer).sign(text.encode())))


def previous(seal: Signed) -> str:
    """How the next seal names this one."""
    return "previous " + Seal(0, seal.statement, unpacked(seal.signature)).digest.hex()


def without_changes(seal: int) -> Proof:
    """The sealed positions 6 to 12 under another number, for whom the third key is the first."""
    proof = proof_of(MIDDLE)
    return changed(proof, seal=signed(proof.seal, 3, ("seal 5", f"seal {seal}")), key_changes=[])


def changed(proof: Proof, **fields: Any) -> Proof:
    """A proof with other fields."""
    return msgspec.structs.replace(proof, **fields)


def other_previous() -> Proof:
    proof = proof_of(MIDDLE)
    return changed(
        proof, seal=signed(proof.seal, 3, (previous(proof.key_changes[1]), "previous " + "0" * 64))
    )


def other_log() -> Proof:
    proof = proof_of(MIDDLE)
    return changed(proof, seal=signed(proof.seal, 3, ("log 5b", "log 5c")))


def position_between() -> Proof:
    proof = proof_of(MIDDLE)
    third, fourth = proof.key_changes
    early = signed(third, 1, ("positions 6-5", "positions 5-4"))
    after = signed(fourth, 2, (previous(third), previous(early)))
    seal = signed(proof.seal, 3, (previous(fourth), previous(after)))
    return changed(proof, key_changes=[early, after], seal=seal)


def no_change() -> Proof:
    return changed(proof_of(SINGLE), key_changes=[proof_of(FIRST).seal])


def second_signature() -> Proof:
    proof = proof_of(SINGLE)
    signature = unpacked(proof.seal.signature)
    number = int.from_bytes(signature[32:], "little") + ORDER
    other = signature[:32] + number.to_bytes(32, "little")
    return changed(proof, seal=Signed(proof.seal.statement, packed(other)))


def told(proof: Proof, folder: Path, signer: int) -> set[str]:
    """The outcomes that the programs tell."""
    path, pem = folder / "proof.json", folder / "seals.pem"
    path.write_text(write(proof), encoding="utf-8")
    pem.write_bytes(public_pem(key(signer).public))
    lines = [ours(path.read_bytes(), key(signer).public), offline(path, pem)]
    return {outcome(line) for line in (*lines, *other_language([path], pem))}


@NODE
@pytest.mark.parametrize(
    "make", [other_previous, other_log, position_between, no_change, second_signature]
)
def test_a_seal_that_is_signed_and_does_not_follow_proves_nothing(
    make: Any, tmp_path: Path
) -> None:
    assert told(make(), tmp_path, 1) == {"Not proved"}


@NODE
def test_seals_that_are_left_out_have_an_event_each(tmp_path: Path) -> None:
    assert told(without_changes(6), tmp_path, 3) == {"Proved"}
    assert told(without_changes(7), tmp_path, 3) == {"Not proved"}
