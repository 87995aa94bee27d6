"""Records to bytes and back: readable JSON, checked against the record's annotations.

Nothing is executed when a state is loaded, whoever wrote it. What would not be the same afterwards,
to the type of each value, is not dumped.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Final, get_origin, get_type_hints
from uuid import UUID

import msgspec

from domain.base import AggregateRoot
from domain.catalogue import AGGREGATES
from eventstore.shapes import holds_values, strict, struct

_PENDING: Final = "_pending_events"
_OWN: Final = {"_id": UUID, "_version": int, "_created_on": datetime, "_modified_on": datetime}
"""What every record has besides its annotated attributes."""
_KINDS: Final = {kind.TOPIC: kind for kind in AGGREGATES}


class StateInvalid(Exception):
    """A stored state does not fit the record it is of; the message says why."""


class _State(msgspec.Struct, forbid_unknown_fields=True):
    kind: str
    """The topic of the aggregate."""
    record: msgspec.Raw


class _Shape:
    """Reads the states of one kind of record."""

    def __init__(self, kind: type[AggregateRoot]) -> None:
        self.hints = {**_annotated(kind), **_OWN}
        shape = struct(kind, {name: (strict(hint),) for name, hint in self.hints.items()})
        self._decode: Callable[[bytes], Any] = msgspec.json.Decoder(shape).decode
        self._values = {name: hint for name, hint in self.hints.items() if holds_values(hint)}
        self._kind = kind

    def load(self, state: bytes) -> AggregateRoot:
        stored = self._decode(state)
        values = {name: getattr(stored, name) for name in self.hints}
        for name, hint in self._values.items():
            values[name] = msgspec.convert(values[name], hint, from_attributes=True)
        record = object.__new__(self._kind)
        vars(record).update(values, **{_PENDING: []})
        return record


def _annotated(kind: type[AggregateRoot]) -> dict[str, Any]:
    every = get_type_hints(AggregateRoot)
    return {
        name: hint
        for name, hint in get_type_hints(kind).items()
        if name not in every and get_origin(hint) is not ClassVar
    }


_shape: Final = cache(_Shape)


def dump(record: AggregateRoot) -> bytes | None:
    """Return the state of a record, or None for one that would not be the same when loaded."""
    attributes = {name: value for name, value in vars(record).items() if name != _PENDING}
    if record.pending_events or attributes.keys() != _shape(type(record)).hints.keys():
        return None
    try:
        # A text that stands for an erased one is none of JSON's: it ends here.
        state = msgspec.json.encode({"kind": type(record).TOPIC, "record": attributes})
        is_same = _is_same(vars(load(state)), vars(record))
    except (StateInvalid, TypeError, ValueError, OverflowError):
        return None
    return state if is_same else None


def load(state: bytes) -> AggregateRoot:
    """Return the record of a state, for the caller alone; raises `StateInvalid`."""
    try:
        stored = msgspec.json.decode(state, type=_State)
        return _shape(_KINDS[stored.kind]).load(stored.record)
    except (msgspec.MsgspecError, KeyError, ValueError) as error:
        msg = f"{type(error).__name__}: {error}"
        raise StateInvalid(msg) from error


def _is_same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal down to the types of what they hold."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_is_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_is_same, one, other))
    if is_dataclass(one):
        names = [field.name for field in fields(one)]
        return all(_is_same(getattr(one, name), getattr(other, name)) for name in names)
    return bool(one == other)
