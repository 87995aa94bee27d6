"""A proof holds for the event, the seal and the keys that it is of, in whichever program."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from eventstore.sealing.proofs import write
from infra.seal_keys import public_pem
from tests.eventstore.sealing.given import key
from tests.eventstore.sealing.proved import (
    OFFLINE,
    falsified,
    offline,
    other_language,
    ours,
    outcome,
    proof_of,
)

FIRST, SINGLE, MIDDLE, LAST = 2, 5, 9, 14
NODE = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed here")
BAD_FILES = {
    "nothing": b"",
    "no JSON": b"{",
    "null": b"null",
    "a list": b"[]",
    "a number": b"7",
    "a huge number": b"7" * 5_000,
    "no text": b"\xff\xfe",
    "a mark before it": b"\xef\xbb\xbf{}",
    "one field": b'{"format": "psa-event-proof"}',
    "too deep": b"[" * 100_000,
    "no number": b'{"version": NaN}',
}


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    """The file with the public key of the first seal."""
    path = tmp_path / "seals.pem"
    path.write_bytes(public_pem(key(1).public))
    return path


def answers(folder: Path, pem: Path, files: dict[str, bytes]) -> dict[str, list[str]]:
    """What each program says about each of these files."""
    paths = [folder / f"{number}.json" for number in range(len(files))]
    for path, content in zip(paths, files.values(), strict=True):
        path.write_bytes(content)
    lines = [[ours(path.read_bytes(), key(1).public), offline(path, pem)] for path in paths]
    if shutil.which("node"):
        theirs = other_language(paths, pem)
        lines = [[*two, third] for two, third in zip(lines, theirs, strict=True)]
    return dict(zip(files, lines, strict=True))


def plain(position: int) -> dict[str, Any]:
    """A proof in builtins."""
    built: dict[str, Any] = msgspec.to_builtins(proof_of(position))
    return built


@pytest.mark.parametrize("position", range(1, 15))
def test_a_proof_holds_wherever_its_event_stands(position: int, tmp_path: Path, pem: Path) -> None:
    lines = answers(tmp_path, pem, {"proof": write(proof_of(position)).encode()})["proof"]

    seal = 1 if position < 5 else 2 if position < 6 else 5 if position < 13 else 6
    said = (
        f"Proved: position {position}, ticket.commented, event "
        f"e0000000-0000-4000-8000-{position:012x}, recorded at "
        f"2026-01-05T09:11:59.04200{position % 10}Z, is in seal {seal} of log "
        "5b0c0000-0000-4000-8000-000000000001, sealed at 2026-01-05T09:12:00.000Z."
    )
    assert set(lines) == {said}


@NODE
@pytest.mark.parametrize("position", [FIRST, SINGLE, MIDDLE, LAST])
def test_a_falsified_proof_is_refused_by_all_programs_alike(
    position: int, tmp_path: Path, pem: Path
) -> None:
    changes = dict(falsified(plain(position)))
    files = {name: json.dumps(each).encode() for name, each in changes.items()}

    told = answers(tmp_path, pem, files)

    assert len(told) > 500
    outcomes = {name: [outcome(line) for line in lines] for name, lines in told.items()}
    assert {name: each for name, each in outcomes.items() if "Proved" in each} == {}
    assert {name: each for name, each in outcomes.items() if len(set(each)) > 1} == {}


def test_every_column_of_the_event_is_part_of_what_is_proved(tmp_path: Path, pem: Path) -> None:
    proof, other = plain(MIDDLE), plain(MIDDLE + 1)
    changed = {
        name: {**proof, "event": {**proof["event"], name: other["event"][name]}}
        for name in ("position", "version", "event_id", "recorded_at")
    }
    changed["state"] = {
        **proof,
        "event": {**proof["event"], "state": other["event"]["state"]},
        "for_people": other["for_people"],
    }
    changed["all"] = {**proof, "event": other["event"], "for_people": other["for_people"]}

    told = answers(
        tmp_path, pem, {name: json.dumps(each).encode() for name, each in changed.items()}
    )

    assert {outcome(line) for lines in told.values() for line in lines} == {"Not proved"}


def test_what_is_shown_to_people_is_what_the_bytes_say(tmp_path: Path, pem: Path) -> None:
    proof = plain(FIRST)
    proof["for_people"]["state"]["text"] = "Löscht (2)"

    told = answers(tmp_path, pem, {"shown": json.dumps(proof).encode()})["shown"]

    assert {outcome(line) for line in told} == {"Not proved"}


def test_a_proof_does_not_hold_for_another_key(tmp_path: Path, pem: Path) -> None:
    pem.write_bytes(public_pem(key(3).public))
    path = tmp_path / "proof.json"
    path.write_text(write(proof_of(MIDDLE)))

    assert outcome(ours(path.read_bytes(), key(3).public)) == "Not proved"
    assert outcome(offline(path, pem)) == "Not proved"


def test_a_chain_of_keys_holds_in_its_order_and_without_gap_only(tmp_path: Path, pem: Path) -> None:
    proof = plain(MIDDLE)
    one, two = proof["key_changes"]
    chains = {
        "first missing": [two],
        "last missing": [one],
        "none": [],
        "out of order": [two, one],
        "one twice": [one, one, two],
        "a seal that changes none": [one, two, proof["seal"]],
    }

    told = answers(
        tmp_path,
        pem,
        {
            name: json.dumps({**proof, "key_changes": chain}).encode()
            for name, chain in chains.items()
        },
    )

    assert {outcome(line) for lines in told.values() for line in lines} == {"Not proved"}


def test_what_is_no_proof_is_said_to_be_none(tmp_path: Path, pem: Path) -> None:
    told = answers(tmp_path, pem, BAD_FILES)

    assert {outcome(line) for lines in told.values() for line in lines} == {"No proof"}


def test_a_name_that_is_there_twice_is_refused(tmp_path: Path, pem: Path) -> None:
    text = write(proof_of(FIRST))
    path = tmp_path / "proof.json"
    path.write_text(text.replace('"topic"', '"topic": "ticket.closed",\n    "topic"'))

    assert outcome(ours(path.read_bytes(), key(1).public)) == "No proof"
    assert outcome(offline(path, pem)) == "No proof"


@pytest.mark.parametrize(
    "content", [b"", b"no key", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"]
)
def test_a_file_without_a_key_proves_nothing(content: bytes, tmp_path: Path, pem: Path) -> None:
    pem.write_bytes(content)
    path = tmp_path / "proof.json"
    path.write_text(write(proof_of(FIRST)))

    assert outcome(offline(path, pem)) == "No proof"


def test_the_one_file_needs_nothing_but_python(tmp_path: Path, pem: Path) -> None:
    path = tmp_path / "proof.json"
    path.write_text(write(proof_of(MIDDLE)))
    # Neither packages nor the environment nor the folder of the file itself.
    bare = [sys.executable, "-I", "-S", "-W", "error", str(OFFLINE)]

    good = subprocess.run([*bare, path, pem], capture_output=True, text=True, check=False)
    alone = subprocess.run(bare, capture_output=True, text=True, check=False)
    gone = subprocess.run([*bare, path, "gone"], capture_output=True, text=True, check=False)

    assert (good.returncode, good.stdout) == (0, ours(path.read_bytes(), key(1).public) + "\n")
    assert (alone.returncode, alone.stderr.count("\n")) == (2, 1)
    assert (gone.returncode, gone.stderr.count("\n")) == (2, 1)


def test_the_one_file_is_written_in_the_oldest_python_that_it_promises() -> None:
    tree = ast.parse(OFFLINE.read_text(), feature_version=(3, 8))

    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [each.name for each in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert {str(name) for name in imported} <= set(sys.stdlib_module_names)
