"""Proofs of a log in memory, their falsifications, and the three programs that check them."""

import contextlib
import functools
import importlib.util
import io
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

from eventstore.sealing.chain import End
from eventstore.sealing.leaves import leaf
from eventstore.sealing.proofs import NotProved, Proof, ProofMalformed, check, make, read
from eventstore.sealing.rows import Event, packed, unpacked
from eventstore.sealing.statements import Seal, parse
from tests.eventstore.sealing.given import AT, LOG, key

DOCS: Final = Path(__file__).parents[3] / "docs"
OFFLINE: Final = DOCS / "check_proof.py"
OTHER_LANGUAGE: Final = Path(__file__).with_name("check_proof.mjs")
CHANGE: Final = "change"
"""In the place of a seal's size: the seal hands over to the next key."""
HISTORY: Final = (4, 1, CHANGE, CHANGE, 7, 2)
HUGE: Final = 10**30
OUTCOMES: Final = ("Proved", "Not proved", "No proof")

Falsified = dict[str, Any]
"""A proof in builtins."""


def event(position: int) -> Event:
    """The event at a position of the log in memory."""
    return Event(
        position=position,
        stream_id=str(uuid5(LOG, "printer")),
        version=position,
        event_id=str(UUID(int=0xE0000000000040008000000000000000 + position)),
        topic="ticket.commented",
        class_version=2,
        state=packed(f'{{"text":"Löscht nicht ({position})","minutes":{position}}}'.encode()),
        metadata=packed(b'{"actor":"mia","command_id":"c0de"}'),
        recorded_at=f"2026-01-05T09:11:59.04200{position % 10}Z",
    )


def proof_of(position: int, history: Sequence[int | str] = HISTORY) -> Proof:
    """The proof of the event at a position, of a log whose seals have so many events."""
    end, number, changes = End.of_nothing(LOG), 1, list[Seal]()
    for size in history:
        positions = range(end.position + 1, end.position + 1 + (0 if size == CHANGE else int(size)))
        leaves = [leaf(event(each).row) for each in positions]
        if size == CHANGE:
            seal = end.change_key(key(number + 1).public, key(number), AT)
            changes.append(seal)
            number += 1
        else:
            seal = end.seal_events(leaves, key(number), AT)
        if position in positions:
            return make(event(position).row, seal, leaves, changes)
        end = end.after(parse(seal.statement), seal.digest)
    msg = f"the log ends before {position}"
    raise ValueError(msg)


def ours(content: bytes, first_key: bytes) -> str:
    """What this program says, as the others do."""
    try:
        return f"Proved: {check(read(content), first_key)}."
    except NotProved as wrong:
        return f"Not proved: {wrong}."
    except ProofMalformed as error:
        return f"No proof of an event: {error}."


def offline(proof: Path, pem: Path) -> str:
    """What the one file of plain Python says, asked in this process."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = _plain_python()(str(proof), str(pem))
    line = said.getvalue()
    assert line.count("\n") == 1
    assert line.startswith(OUTCOMES[code])
    return line.rstrip("\n")


def other_language(proofs: Sequence[Path], pem: Path) -> list[str]:
    """What the program for Node says about each."""
    node = shutil.which("node")
    assert node is not None
    command = [node, str(OTHER_LANGUAGE), *map(str, proofs), str(pem)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.stderr == ""
    return done.stdout.splitlines()


def outcome(line: str) -> str:
    """Which of the three outcomes a line tells."""
    return next(each for each in OUTCOMES if line.startswith(each))


@functools.cache
def _plain_python() -> Callable[[str, str], int]:
    spec = importlib.util.spec_from_file_location("check_proof", OFFLINE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    main: Callable[[str, str], int] = module.main
    return main


class Place(NamedTuple):
    """Where something stands in a proof."""

    holder: tuple[str | int, ...]
    name: str | int

    def __str__(self) -> str:
        return ".".join(map(str, (*self.holder, self.name)))


def falsified(proof: Falsified) -> Iterator[tuple[str, Falsified]]:
    """Every falsification of a proof: each field, entry, line and byte, one at a time."""
    for place, value in _places(proof, ()):
        for what, other in _others(value, str(place.name)):
            yield f"{place}: {what}", _put(proof, place, other)
        changed = deepcopy(proof)
        del _holder(changed, place)[place.name]
        yield f"{place}: left out", changed
        if isinstance(value, dict):
            yield f"{place}: one more", _put(proof, place, {**value, "note2": 1})
    yield "one more", {**proof, "comment": "all is well"}


def _others(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The values that are put in the place of one."""
    kinds: dict[str, Any] = {
        "null": None,
        "list": [],
        "object": {},
        "number": 7,
        "text": "7",
        "truth": True,
    }
    yield from ((kind, other) for kind, other in kinds.items() if other != value)
    if isinstance(value, int):
        yield from (("more", value + 1), ("less", value - 1), ("huge", HUGE), ("half", value + 0.5))
    elif isinstance(value, list):
        yield "turned", value[::-1] if len(value) > 1 else [*value, "00" * 32]
        yield "doubled", [*value, *(value or ["00" * 32])]
    elif isinstance(value, str):
        yield from _other_texts(value, name)


def _other_texts(value: str, name: str) -> Iterator[tuple[str, str]]:
    if name in ("state", "metadata", "signature"):
        content = unpacked(value)
        for at in range(len(content)):
            flipped = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
            yield f"byte {at}", packed(flipped)
        yield "cut", packed(content[:-1])
        yield "longer", packed(content + b"\0")
        yield "padded", value + "="
    elif name == "statement":
        lines = value.splitlines(keepends=True)
        for at, line in enumerate(lines):
            yield f"line {at} left out", "".join(lines[:at] + lines[at + 1 :])
            yield f"line {at} twice", "".join([*lines[:at], line, *lines[at:]])
            for character in (len(line) // 2, len(line) - 2):
                changed = line[:character] + _next(line[character]) + line[character + 1 :]
                yield (
                    f"line {at} character {character}",
                    "".join([*lines[:at], changed, *lines[at + 1 :]]),
                )
        yield "a line more", value + "note all is well\n"
        yield "another end", value.replace("\n", "\r\n")
    else:
        for at in range(len(value)):
            yield f"character {at}", value[:at] + _next(value[at]) + value[at + 1 :]
        yield "capitals", value.upper() if value != value.upper() else value.lower()
        yield "a line more", value + "\n"
        yield "half a character", value + "\ud800"


def _next(character: str) -> str:
    after = {"9": "8", "f": "e", "Z": "Y", "-": "_", "T": "t"}
    return after.get(character, chr(ord(character) + 1))


def _places(value: Any, holder: tuple[str | int, ...]) -> Iterator[tuple[Place, Any]]:
    names = value.items() if isinstance(value, dict) else enumerate(value)
    for name, each in names:
        yield Place(holder, name), each
        if isinstance(each, dict | list):
            yield from _places(each, (*holder, name))


def _holder(proof: Falsified, place: Place) -> Any:
    found: Any = proof
    for name in place.holder:
        found = found[name]
    return found


def _put(proof: Falsified, place: Place, value: Any) -> Falsified:
    changed = deepcopy(proof)
    _holder(changed, place)[place.name] = value
    return changed
