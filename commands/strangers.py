"""Fields within a value that nobody knows: refused, as those of a command itself are.

msgspec refuses unknown fields of structs, but overlooks those of dataclasses, which is what the
domain's values are: whoever wrote `mail` for `email` would lose the address without a word.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

Find = Callable[[Any, str], Iterator[str]]
"""Yields a complaint, as msgspec words it, for each unknown field of what was sent at a place."""


def require_known(kind: type[msgspec.Struct], sent: Any) -> None:
    """Raise `msgspec.ValidationError` where a value in what was sent has an unknown field.

    `sent` is what the decoder was given for `kind`, and accepted: JSON, or what it holds.
    """
    if (find := _finder(kind)) is None:
        return  # most commands have no such values
    given = msgspec.json.decode(sent) if isinstance(sent, bytes) else sent
    for complaint in find(given, ""):
        raise msgspec.ValidationError(complaint)


@cache
def _finder(kind: Any) -> Find | None:
    return _find_in(inspect.type_info(kind))


def _find_in(info: inspect.Type) -> Find | None:
    match info:
        case inspect.Metadata(type=inner):
            return _find_in(inner)
        case inspect.UnionType(types=types):
            found = [find for one in types if (find := _find_in(one))]
            return _in_any(found) if found else None
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
            return _in_each(find) if (find := _find_in(item)) else None
        case inspect.StructType(fields=fields) | inspect.DataclassType(fields=fields):
            known = {field.encode_name: _find_in(field.type) for field in fields}
            strict = isinstance(info, inspect.DataclassType)
            return _in_fields(known, strict=strict) if strict or any(known.values()) else None
        case _:
            return None


def _in_any(finds: list[Find]) -> Find:
    def find(sent: Any, place: str) -> Iterator[str]:
        for one in finds:
            yield from one(sent, place)

    return find


def _in_each(find_in_item: Find) -> Find:
    def find(sent: Any, place: str) -> Iterator[str]:
        for number, item in enumerate(sent if isinstance(sent, list) else ()):
            yield from find_in_item(item, f"{place}[{number}]")

    return find


def _in_fields(known: dict[str, Find | None], *, strict: bool) -> Find:
    def find(sent: Any, place: str) -> Iterator[str]:
        for name, value in sent.items() if isinstance(sent, dict) else ():
            if strict and name not in known:
                yield f"Object contains unknown field `{name}` - at `${place}`"
            if find_in_value := known.get(name):
                yield from find_in_value(value, f"{place}.{name}")

    return find
