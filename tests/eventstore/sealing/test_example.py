"""The worked example of a proof in docs/audit.md is true, to the byte."""

import re
from hashlib import sha256
from pathlib import Path

from eventstore.sealing.leaves import leaf
from eventstore.sealing.proofs import write
from infra.seal_keys import public_pem
from tests.eventstore.sealing.given import key
from tests.eventstore.sealing.proved import CHANGE, DOCS, offline, ours, proof_of

TEXT = (DOCS / "audit.md").read_text(encoding="utf-8").partition("## The format of a proof")[2]
BLOCKS = re.findall(r"^ *```[a-z]*\n(.*?)^ *```$", TEXT, re.DOTALL | re.MULTILINE)
PROOF, PEM, ROW, PATH, ANSWER = BLOCKS
EXAMPLE = proof_of(5, (3, CHANGE, 3))


def test_the_proof_is_the_one_that_is_made() -> None:
    assert write(EXAMPLE) == PROOF
    assert public_pem(key(1).public).decode() == PEM


def test_the_programs_give_the_answer_that_is_told(tmp_path: Path) -> None:
    (tmp_path / "proof.json").write_text(PROOF, encoding="utf-8")
    (tmp_path / "seals.pem").write_text(PEM)

    answers = {
        offline(tmp_path / "proof.json", tmp_path / "seals.pem"),
        ours(PROOF.encode(), key(1).public),
    }

    assert answers == {ANSWER.rstrip("\n")}


def test_the_row_and_its_leaf_are_the_bytes_that_are_hashed() -> None:
    columns = [line.strip().partition("  ")[0] for line in ROW.splitlines()]

    row = bytes.fromhex("".join(columns))

    assert row == EXAMPLE.event.row
    assert f"Its leaf is `{leaf(row).hex()}`." in TEXT


def test_the_nodes_lead_from_the_leaf_to_the_root() -> None:
    first, second = (bytes.fromhex(each) for each in EXAMPLE.tree.path)
    start = leaf(EXAMPLE.event.row)

    node = sha256(b"\x01" + first + start).digest()
    root = sha256(b"\x01" + node + second).digest()

    assert f"root {root.hex()}\\n" in PROOF
    assert [line.strip() for line in PATH.splitlines()] == [
        f"SHA-256(01 ‖ {first.hex()[:8]}… ‖ {start.hex()[:8]}…) = {node.hex()}",
        f"SHA-256(01 ‖ {node.hex()[:8]}… ‖ {second.hex()[:8]}…) = {root.hex()}",
    ]
