"""Strict shapes of what is stored as JSON: exactly these fields, each of exactly its type."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, NewType, Union, get_args, get_origin, get_type_hints

import msgspec


def struct(kind: type, of: Mapping[str, tuple[Any, ...]]) -> type[msgspec.Struct]:
    """Return a struct with exactly these fields: each name with its type and perhaps a default."""
    named = [(name, *rest) for name, rest in of.items()]
    return msgspec.defstruct(kind.__qualname__, named, kw_only=True, forbid_unknown_fields=True)


@cache
def _struct_of_value(kind: type) -> type[msgspec.Struct]:
    hints = get_type_hints(kind)
    return struct(kind, {field.name: (strict(hints[field.name]),) for field in fields(kind)})


def strict(hint: Any) -> Any:
    """Return the type of what the hint allows, with whole values and aware times only."""
    if isinstance(hint, NewType):
        return strict(hint.__supertype__)
    if hint is datetime:
        return Annotated[datetime, msgspec.Meta(tz=True)]
    if isinstance(hint, type) and is_dataclass(hint):
        return _struct_of_value(hint)
    arguments = tuple(strict(argument) for argument in get_args(hint))
    if not arguments:
        return hint
    if get_origin(hint) in {Union, UnionType}:
        return reduce(or_, arguments)
    return get_origin(hint)[arguments]


def holds_values(hint: Any) -> bool:
    """Tell whether a dataclass is in the hint: it is read as a struct, and put in afterwards."""
    if isinstance(hint, NewType):
        return holds_values(hint.__supertype__)
    return is_dataclass(hint) or any(holds_values(argument) for argument in get_args(hint))
