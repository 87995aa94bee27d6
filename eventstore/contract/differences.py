"""What makes two types of payloads differ for who reads them; each difference names its place."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from eventstore.contract.schemas import Schema, in_words, is_nullable, options

_BESIDE = frozenset({"title", "description"})
"""What is said of a type, and does not change it."""


class Difference(NamedTuple):
    """One place where a type is not what it was."""

    place: str
    """As in `address.city`, `emails[].label` or `values{}`."""
    was: str
    """The rest of a sentence."""


def differences(place: str, before: Schema, now: Schema) -> Iterator[Difference]:
    """Yield what breaks a reader, of old payloads or of new ones; a new word does not.

    A value is stored whole: a field more breaks old payloads, a field less new ones.
    """
    if is_nullable(before) and not is_nullable(now):
        yield Difference(place, "could be null and can not any more")
    if is_nullable(now) and not is_nullable(before):
        yield Difference(place, "was never null and can be now")
    was, is_now = options(before), options(now)
    if len(was) == len(is_now) == 1:
        yield from _between(place, was[0], is_now[0])
    elif sorted(map(_bare, was), key=repr) != sorted(map(_bare, is_now), key=repr):
        yield _another(place, before, now)


def _between(place: str, before: Schema, now: Schema) -> Iterator[Difference]:
    match before, now:
        case {"enum": was}, {"enum": is_now}:
            for word in was:
                if word not in is_now:
                    yield Difference(place, f"does not know the word `{word}` any more")
        case {"properties": dict(was)}, {"properties": dict(is_now)}:
            yield from _within(place, was, is_now)
        case {"items": dict(was)}, {"items": dict(is_now)}:
            yield from differences(f"{place}[]", was, is_now)
        case {"additionalProperties": dict(was)}, {"additionalProperties": dict(is_now)}:
            yield from differences(f"{place}{{}}", was, is_now)
        case _ if _bare(before) != _bare(now):
            yield _another(place, before, now)


def _within(place: str, before: Schema, now: Schema) -> Iterator[Difference]:
    for name in before.keys() | now.keys():
        inside = f"{place}.{name}"
        if name not in now:
            yield Difference(inside, "is gone")
        elif name not in before:
            yield Difference(inside, "is new in a value that is stored whole")
        else:
            yield from differences(inside, before[name], now[name])


def _another(place: str, before: Schema, now: Schema) -> Difference:
    return Difference(place, f"was {in_words(before)} and is {in_words(now)}")


def _bare(schema: Any) -> Any:
    match schema:
        case {"properties": dict(fields), **rest}:
            return _bare(rest) | {"properties": {name: _bare(fields[name]) for name in fields}}
        case dict():
            return {key: _bare(value) for key, value in schema.items() if key not in _BESIDE}
        case list():
            return [_bare(item) for item in schema]
        case _:
            return schema
