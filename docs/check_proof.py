"""Checks the proof that an event is in a sealed log: `python check_proof.py PROOF KEY.pem`.

Plain Python from 3.8 on, nothing else: no package, no network. PROOF is what `psa audit prove`
writes, KEY.pem the public key of the first seal. What is checked, and why, is in audit.md.
One line tells the outcome. Exit code 0: proved; 1: the proof does not hold; 2: it is no proof.
"""

from __future__ import annotations

import base64
import io
import json
import re
import struct
import sys
from datetime import datetime, timedelta, timezone
from hashlib import sha256, sha512
from typing import Any
from uuid import UUID

NOTE = "Decoded from the bytes in event, for people; what is verified is the bytes."
SAFE = 2**53 - 1
LARGEST = 2**26
PEM = re.compile(r"-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----")
ED25519_KEY = bytes.fromhex("302a300506032b6570032100")  # What stands before it (RFC 8410).
HASH = re.compile("[0-9a-f]{64}")
UUID_FORM = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]+)Z"
)
STATEMENT = re.compile(
    r"psa-seal/(?:1\n(?![\s\S]*\nepoch )|2\n(?=[\s\S]*\nepoch (?!1\n)))"
    r"log (?P<log>[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})\n"
    r"seal (?P<seal>[1-9][0-9]{0,18})\n"
    r"positions (?P<first>[1-9][0-9]{0,18})-(?P<last>0|[1-9][0-9]{0,18})\n"
    r"root (?P<root>[0-9a-f]{64})\n"
    r"chain [0-9a-f]{64}\n"
    r"previous (?P<previous>[0-9a-f]{64})\n"
    r"key (?P<key>[0-9a-f]{64})\n"
    r"sealed-at (?P<at>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z)\n"
    r"(?:epoch [1-9][0-9]{0,18}\n)?"
    r"(?:next-key (?P<next>[0-9a-f]{64})\n)?"
)


class NoProof(ValueError):
    """The file is no proof, or the key no key."""


class NotProved(Exception):
    """The proof does not hold."""


def check(proof: Any, key: bytes) -> str:
    """Return what is proved to whom keeps this public key; raises NoProof and NotProved."""
    has(proof, "format", "version", "event", "for_people", "tree", "seal", "key_changes")
    if proof["format"] != "psa-event-proof" or whole(proof["version"]) != 1:
        raise NoProof("the format is not psa-event-proof, version 1")
    row, event = row_of(proof["event"]), proof["event"]
    index, size, path = tree_of(proof["tree"])
    if not isinstance(proof["key_changes"], list):
        raise NoProof("key_changes is not a list")
    seals = [signed(each) for each in [*proof["key_changes"], proof["seal"]]]
    read_aloud(proof["for_people"], event)
    seal = follow(seals, key)
    first, last = int(seal["first"]), int(seal["last"])
    if not first <= event["position"] <= last:
        raise NotProved(f"position {event['position']} is not one of seal {seal['seal']}")
    place = (event["position"] - first, last - first + 1)
    if (index, size) != place:
        where = f"{place[0]} of {place[1]} in seal {seal['seal']}"
        raise NotProved(f"position {event['position']} is at {where}")
    if not leads_to(sha256(b"\x00" + row).digest(), index, size, path, bytes.fromhex(seal["root"])):
        where = f"the root of seal {seal['seal']}"
        raise NotProved(f"the event does not lead to {where}: it was changed")
    return (
        "position {position}, {topic}, event {event_id}, recorded at {recorded_at}, "
        "is in seal {seal} of log {log}, sealed at {at}"
    ).format(**event, seal=seal["seal"], log=seal["log"], at=seal["at"])


def row_of(event: Any) -> bytes:
    """Return the tuple that PostgreSQL's binary COPY sends for this event."""
    names = "position stream_id version event_id topic class_version state metadata recorded_at"
    has(event, *names.split())
    for name in ("position", "version"):
        if whole(event[name]) < 1:
            raise NoProof(f"{name} is not above 0")
    if not 0 <= whole(event["class_version"]) < 2**15:
        raise NoProof("class_version is not a number of 16 bits")
    fields = (
        struct.pack(">q", event["position"]),
        UUID(form(event["stream_id"], UUID_FORM)).bytes,
        struct.pack(">q", event["version"]),
        UUID(form(event["event_id"], UUID_FORM)).bytes,
        text(event["topic"]).encode(),
        struct.pack(">h", event["class_version"]),
        unpacked(event["state"]),
        unpacked(event["metadata"]),
        struct.pack(">q", microseconds(event["recorded_at"])),
    )
    return struct.pack(">h", 9) + b"".join(struct.pack(">i", len(f)) + f for f in fields)


def tree_of(tree: Any) -> tuple[int, int, list[bytes]]:
    """Return index, size and path."""
    has(tree, "index", "size", "path")
    if not isinstance(tree["path"], list):
        raise NoProof("path is not a list")
    path = [bytes.fromhex(form(each, HASH)) for each in tree["path"]]
    return whole(tree["index"]), whole(tree["size"]), path


def signed(seal: Any) -> tuple[str, bytes]:
    """Return statement and signature."""
    has(seal, "statement", "signature")
    signature = unpacked(seal["signature"])
    if len(signature) != 64:
        raise NoProof("a signature has not 64 bytes")
    return text(seal["statement"]), signature


def follow(seals: list[tuple[str, bytes]], key: bytes) -> dict[str, str]:
    """Follow the keys from the first one, and return what the last of these seals states."""
    said: dict[str, str] = {}
    log, number, last, digest = None, 0, 0, bytes(32)
    for place, (statement, signature) in enumerate(seals, 1):
        said = stated(statement)
        if said["key"] != key.hex() or not verified(key, statement.encode(), signature):
            named = f"the key {key.hex()[:16]}..."
            raise NotProved(f"seal {said['seal']} is not signed with {named}")
        seals_on, positions_on = int(said["seal"]) - number, int(said["first"]) - last
        direct = seals_on == 1 and positions_on == 1 and said["previous"] == digest.hex()
        if not (direct or 1 < seals_on <= positions_on) or log not in (None, said["log"]):
            raise NotProved(f"seal {said['seal']} can not follow the seal that is before it")
        if place < len(seals) and not said["next"]:
            raise NotProved(f"seal {said['seal']} does not change the key")
        key = bytes.fromhex(said["next"] or said["key"])
        log, number, last = said["log"], int(said["seal"]), int(said["last"])
        digest = sha256(statement.encode() + signature).digest()
    return said


def stated(statement: str) -> dict[str, str]:
    """Return what the lines of a statement say."""
    found = STATEMENT.fullmatch(statement)
    try:
        if found is not None:
            microseconds(found["at"], digits=3)
            return found.groupdict()
    except ValueError:
        pass
    raise NotProved("the text has not the lines of a seal")


def leads_to(node: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    """Tell whether a leaf is at this place of the tree that has this root (RFC 9162 2.1.3.2)."""
    last, used = size - 1, 0
    while last:
        if index % 2 or index < last:
            if used == len(path):
                return False
            pair = path[used] + node if index % 2 else node + path[used]
            node, used = sha256(b"\x01" + pair).digest(), used + 1
        index, last = index // 2, last // 2
    return used == len(path) and node == root


# Ed25519 (RFC 8032 5.1). Nothing here is secret, so nothing has to take the same time.
# A point is (X, Y, Z, T): x = X/Z, y = Y/Z, x * y = T/Z.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def verified(key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether this is the signature of the message with the private key to this one."""
    point, s = decompressed(key), int.from_bytes(signature[32:], "little")
    if point is None or s >= L:
        return False
    h = int.from_bytes(sha512(signature[:32] + key + message).digest(), "little") % L
    x, y, z, t = times(h, point)
    x, y, z, _ = plus(times(s, BASE), (-x % P, y, z, -t % P))
    inverse = pow(z, P - 2, P)
    x, y = x * inverse % P, y * inverse % P
    told: bytes = (y | (x & 1) << 255).to_bytes(32, "little")
    return told == signature[:32]


def plus(
    one: tuple[int, int, int, int], other: tuple[int, int, int, int]
) -> tuple[int, int, int, int]:
    """Return the sum of two points."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(factor: int, point: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """Return a multiple of a point."""
    found = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            found = plus(found, point)
        point, factor = plus(point, point), factor >> 1
    return found


def decompressed(key: bytes) -> tuple[int, int, int, int] | None:
    """Return the point that these 32 bytes tell, if there is one."""
    number = int.from_bytes(key, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != square or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


BASE = decompressed((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or (0, 1, 1, 0)


def read_aloud(people: Any, event: Any) -> None:
    """Compare what is decoded for people with what the bytes of the event say."""
    has(people, "note", "state", "metadata")
    if people["note"] != NOTE:
        raise NoProof("the note is another one")
    for name in ("state", "metadata"):
        try:
            said = read_json(unpacked(event[name]))
        except (ValueError, RecursionError):
            said = None
        if json.dumps(said) != json.dumps(people[name]):
            raise NotProved("what is decoded for people is not what the bytes of the event say")


def read_json(content: bytes) -> Any:
    """Return what a text of JSON says, where it says it once and with numbers of some size."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise NoProof("a name is there twice")
        return dict(pairs)

    def number(digits: str) -> int:
        if len(digits) > 1000:
            raise NoProof("a number is too long")
        return int(digits)

    def fraction(digits: str) -> float:
        if abs(float(digits)) == float("inf"):
            raise NoProof("a number is too large")
        return float(digits)

    return json.loads(
        content.decode(),
        object_pairs_hook=once,
        parse_int=number,
        parse_float=fraction,
        parse_constant=number,
    )


def has(value: Any, *names: str) -> None:
    """Refuse what has not these names and no others."""
    if not isinstance(value, dict) or set(value) != set(names):
        raise NoProof(f"there have to be exactly: {', '.join(names)}")


def whole(value: Any) -> int:
    """Refuse what is no whole number from 0 to 2^53 - 1."""
    if type(value) is not int or not 0 <= value <= SAFE:
        raise NoProof("a whole number is expected, up to 2^53 - 1")
    return value


def text(value: Any) -> str:
    """Refuse what is no text."""
    if not isinstance(value, str):
        raise NoProof("a text is expected")
    return value


def form(value: Any, pattern: re.Pattern[str]) -> str:
    """Refuse what is no text of this form."""
    if pattern.fullmatch(text(value)) is None:
        raise NoProof("a text has not the form that it has to have")
    return text(value)


def unpacked(value: Any) -> bytes:
    """Return the bytes of a Base64 text."""
    content = base64.b64decode(text(value), validate=True)
    if base64.b64encode(content).decode() != value:
        raise NoProof("a text is not written in Base64 as it has to be")
    return content


def microseconds(value: Any, digits: int = 6) -> int:
    """Return the microseconds since 2000-01-01 00:00 UTC."""
    found = INSTANT.fullmatch(text(value))
    if found is None or len(found[7]) != digits:
        raise NoProof("recorded_at is not written like 2026-01-05T09:12:00.042000Z")
    year, month, day, hour, minute, second = (int(found[each]) for each in range(1, 7))
    fraction = int(found[7].ljust(6, "0"))
    at = datetime(year, month, day, hour, minute, second, fraction, timezone.utc)
    return (at - datetime(2000, 1, 1, tzinfo=timezone.utc)) // timedelta(microseconds=1)


def read_key(pem: bytes) -> bytes:
    """Return the 32 bytes of a public Ed25519 key."""
    found = PEM.search(pem.decode("ascii", "replace"))
    der = base64.b64decode(found[1]) if found else b""
    if len(der) != 44 or not der.startswith(ED25519_KEY):
        raise NoProof("the key file holds no public Ed25519 key in PEM form")
    return der[12:]


def main(proof: str, key: str) -> int:
    """Print one line, and return the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # It may not know all letters.
    try:
        with open(proof, "rb") as file, open(key, "rb") as pem:
            content = file.read(LARGEST + 1)
            if len(content) > LARGEST:
                raise NoProof(f"it has more than {LARGEST} bytes")
            print(f"Proved: {check(read_json(content), read_key(pem.read()))}.")
    except NotProved as wrong:
        print(f"Not proved: {wrong}.")
        return 1
    except (ValueError, RecursionError, OSError) as error:
        why = " ".join(str(error).split())[:200]
        print(f"No proof of an event: {why}.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print("usage: python check_proof.py PROOF KEY.pem", file=sys.stderr)
        sys.exit(2)
    sys.exit(main(*sys.argv[1:]))
