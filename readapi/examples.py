"""Examples for the OpenAPI document: one of each answer, made of the examples of its fields."""

from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import Meta


class ExampleMissing(LookupError):
    """A field has no example: give its `Meta` one."""


class _Null(Enum):
    """Litestar leaves None out of the document; a member that stands for it stays in."""

    NULL = None


def of(answer: type[msgspec.Struct]) -> dict[str, Any]:
    """Return an example of an answer; raises `ExampleMissing`, naming the field."""
    example = {}
    for field in msgspec.structs.fields(answer):
        try:
            example[field.encode_name] = _of(field.type)
        except ExampleMissing as error:
            place = f"{answer.__name__}.{field.name}"
            raise ExampleMissing(f"{place}: {error}" if error.args else place) from None
    return example


def _of(kind: Any) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        given = [
            example
            for meta in arguments
            if isinstance(meta, Meta)
            for example in meta.examples or ()
        ]
        return _plain(given[0]) if given else _of(arguments[0])
    if origin in (Union, UnionType):
        return _of(next(part for part in arguments if part is not NoneType))
    if origin is Literal:
        return arguments[0]
    if origin is list:
        return [_of(arguments[0])]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return of(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind)).value
    raise ExampleMissing


def _plain(example: Any) -> Any:
    match example:
        case None:
            return _Null.NULL
        case dict():
            return {name: _plain(value) for name, value in example.items()}
        case _:
            return example
