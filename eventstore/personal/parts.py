"""The encrypted parts of a payload, as the log holds them.

A payload with personal fields has a member `personal`, a list of parts:

    {"timestamp": …, "roles": ["main"],
     "personal": [{"fields": ["name", "emails"], "cipher": "…"}]}

`subject` is the record of the person, the event's own stream where it is left out; `keep` the
class of retention, `none` where it is left out. `cipher` is base64 of a nonce of 12 bytes, the
fields as a JSON object, encrypted with AES-256-GCM, and its tag of 16 bytes. What is authenticated
beside it ties it to its place: who copies a part into another event copies nothing that opens.
"""

import os
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.personal import REDACTED, Retention
from eventstore.records import KeyName, NewEvent, Recorded, Told

MEMBER: Final = "personal"
NONCE: Final = 12


class Part(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The fields of an event that one key opens."""

    fields: tuple[str, ...]
    cipher: bytes
    subject: UUID | None = None
    keep: Retention = Retention.NONE


class _Parts(msgspec.Struct):
    personal: tuple[Part, ...] = ()


_mark: Final = f'"{MEMBER}":['.encode()
_last: Final = b"," + _mark
_parts: Final = msgspec.json.Decoder(_Parts).decode


def parts_of(state: bytes) -> tuple[Part, ...]:
    """Return the encrypted parts of a stored payload; raises msgspec.DecodeError."""
    # A text that contains the mark only costs the look.
    return _parts(state).personal if _mark in state else ()


def key_of(part: Part, stream_id: UUID) -> KeyName:
    """Return which key opens a part of an event of this stream."""
    return KeyName(part.subject or stream_id, part.keep)


def encrypted(told: Told, event: NewEvent, key: AESGCM) -> Part:
    """Return what an event tells of a person as the log holds it."""
    nonce = os.urandom(NONCE)
    place = _place(event, told.fields, told.key)
    return Part(
        fields=told.fields,
        cipher=nonce + key.encrypt(nonce, told.text, place),
        subject=None if told.key.subject == event.stream_id else told.key.subject,
        keep=told.key.keep,
    )


def decrypted(part: Part, event: Recorded, key: AESGCM) -> bytes:
    """Return the fields as JSON; raises cryptography's InvalidTag for what was not encrypted so."""
    nonce, cipher = part.cipher[:NONCE], part.cipher[NONCE:]
    return key.decrypt(nonce, cipher, _place(event, part.fields, key_of(part, event.stream_id)))


def with_parts(state: bytes, parts: Iterable[Part]) -> bytes:
    """Return the payload with its encrypted parts as the last member."""
    member = msgspec.json.encode({MEMBER: tuple(parts)})
    # Every payload begins with its timestamp: there is something before the comma.
    return state[:-1] + b"," + member[1:]


def whole(
    state: bytes, opened: tuple[bytes | None, ...], stand_ins: Mapping[str, Any]
) -> tuple[bytes, tuple[str, ...]]:
    """Return a payload with its opened parts in it, and the names of the fields that are erased.

    Those hold what stands in their place, so that the payload is as it always was.
    """
    parts = parts_of(state)
    gone = [
        name
        for part, text in zip(parts, opened, strict=True)
        if text is None
        for name in part.fields
    ]
    texts = [
        _standing_in(part, stand_ins) if text is None else text
        for part, text in zip(parts, opened, strict=True)
    ]
    inside = [state[: state.rfind(_last)], *(text[1:-1] for text in texts)]
    return b",".join(inside) + b"}", tuple(gone)


def _standing_in(part: Part, stand_ins: Mapping[str, Any]) -> bytes:
    values = {name: stand_ins.get(name, REDACTED) for name in part.fields}
    return msgspec.json.encode(values, enc_hook=str.__str__)


def in_plain(event: NewEvent) -> NewEvent:
    """Return the event with its whole payload in plain text, as it was before encryption."""
    if not event.personal:
        return event
    told = {name: value for part in event.personal for name, value in _members(part.text).items()}
    state = msgspec.json.encode(_members(event.state) | told)
    return msgspec.structs.replace(event, state=state, personal=())


def plain(event: NewEvent) -> bytes:
    """Return the whole payload of an event in plain text."""
    return in_plain(event).state


def _members(text: bytes) -> dict[str, msgspec.Raw]:
    return msgspec.json.decode(text, type=dict[str, msgspec.Raw])


def _place(event: NewEvent | Recorded, fields: tuple[str, ...], key: KeyName) -> bytes:
    return b"\0".join(
        (
            event.stream_id.bytes,
            event.version.to_bytes(8),
            event.topic.encode(),
            key.subject.bytes,
            key.keep.encode(),
            ",".join(fields).encode(),
        )
    )
