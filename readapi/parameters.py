"""Parameters: declared as the fields of a struct, read from a request, refused by name."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from enum import StrEnum
from functools import cache, partial
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import Meta
from msgspec.structs import FieldInfo

from domain.errors import Invalid
from domain.problems import FieldProblem
from eventstore.epochs import FORM

TQuery = TypeVar("TQuery", bound="Query")

Reading = Callable[[Sequence[str]], Any]
"""Returns the value that was sent for a parameter; raises `ValueError`."""

POSITION_LIMIT: Final = 2**63 - 1
VALUES_LIMIT: Final = 50

# Postgres has no text with a NUL in it: such a value could not be compared with anything.
Text = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]*$")]
Words = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
Position = Annotated[str, Meta(pattern=FORM, max_length=30)]
"""A position of the log as an answer told it; after a restore, with its epoch."""
From = Annotated[datetime, Meta(tz=True)]
"""An instant; a bare date means its first moment."""
Until = Annotated[datetime, Meta(tz=True, extra={"whole_day": True})]
"""An instant, itself included; a bare date means its last moment."""

CustomPairs = Annotated[
    tuple[Annotated[str, Meta(max_length=1000, pattern=r"^[^\x00:]+:[^\x00]*$")], ...],
    Meta(
        max_length=VALUES_LIMIT,
        description="Records whose custom fields have all of these values, each as `key:value`. "
        "The value is written as it is shown: a number with all its decimals, `price:12.50`.",
        examples=[["cost_centre:4711"]],
    ),
]

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)[Tt ](?P<time>\d\d:\d\d(:\d\d(\.\d{1,9})?)?)"
    r"(?P<zone>[Zz]|[ +-]\d\d:?\d\d)?",
    re.ASCII,
)
_PLACE = re.compile(r" - at `\$.*`$")


class ParametersInvalid(Invalid):
    """The request does not fit its description: {reason}"""  # noqa: D400, D415 - the reason brings its full stop

    def __init__(self, *errors: FieldProblem) -> None:
        """Take what is wrong with each parameter."""
        super().__init__(reason=" ".join(f"`{e.field}`: {e.message}" for e in errors))
        self.errors = errors


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What may be asked of one route; each field is a parameter with a default or required."""


def read(kind: type[TQuery], given: Mapping[str, Sequence[str]]) -> TQuery:
    """Return what was asked; raises `ParametersInvalid`, naming every parameter that is wrong."""
    fields, readings = fields_of(kind), _readings_of(kind)
    values: dict[str, Any] = {}
    errors = [_unknown(name, fields) for name in given if name not in fields]
    for name, field in fields.items():
        try:
            if name in given:
                values[field.name] = readings[name](given[name])
            elif field.required:
                errors.append(FieldProblem(name, "This parameter is required."))
        except ValueError as error:
            errors.append(FieldProblem(name, _message(field, error)))
    if errors:
        raise ParametersInvalid(*errors)
    return kind(**values)


@cache
def fields_of(kind: type[Query]) -> Mapping[str, FieldInfo]:
    """Return the parameters of a kind of query by name; resolving annotations takes its time."""
    return {field.encode_name: field for field in msgspec.structs.fields(kind)}


@cache
def _readings_of(kind: type[Query]) -> Mapping[str, Reading]:
    """Return how each parameter of a kind of query is read, by name."""
    return {name: _reading(field) for name, field in fields_of(kind).items()}


def given_type(field: FieldInfo) -> Any:
    """Return the type of a parameter that was sent: without the None that stands for none."""
    kind, *meta = get_args(field.type) if get_origin(field.type) is Annotated else (field.type,)
    if get_origin(kind) in (Union, UnionType):
        (kind,) = (part for part in get_args(kind) if part is not NoneType)
    return Annotated[kind, *meta] if meta else kind


def _reading(field: FieldInfo) -> Reading:
    kind = given_type(field)
    info = msgspec.inspect.type_info(kind)
    whole_day = isinstance(info, msgspec.inspect.Metadata) and bool(info.extra)
    while isinstance(info, msgspec.inspect.Metadata):
        info = info.type
    if isinstance(info, msgspec.inspect.VarTupleType):
        named = isinstance(info.item_type, (msgspec.inspect.EnumType, msgspec.inspect.LiteralType))
        return partial(_several, kind, named=named)
    if isinstance(info, msgspec.inspect.DateTimeType):
        return lambda sent: _instant(_one(sent), whole_day=whole_day)
    return lambda sent: msgspec.convert(_one(sent), kind, strict=False)


def _several(kind: Any, sent: Sequence[str], *, named: bool) -> Any:
    # Names have no commas in them: `status=new,assigned` means both.
    given = [part for text in sent for part in text.split(",")] if named else sent
    return msgspec.convert(given, kind, strict=False)


def _one(sent: Sequence[str]) -> str:
    if len(sent) > 1:
        msg = "Send it once."
        raise ValueError(msg)
    return sent[0]


def _instant(text: str, *, whole_day: bool) -> datetime:
    if _DATE.fullmatch(text):
        edge = time.max if whole_day else time.min
        return datetime.combine(date.fromisoformat(text), edge, UTC)
    found = _INSTANT.fullmatch(text)
    if found is None:
        msg = "Expected an instant such as `2026-01-31T09:00:00Z`, or a date."
        raise ValueError(msg)
    # A `+` that was not escaped arrives as a blank; RFC 3339 §5.6 knows a 60th second.
    clock = re.sub(r"^(\d\d:\d\d):60", r"\1:59", found["time"])
    zone = (found["zone"] or "Z").replace(" ", "+").upper()
    return datetime.fromisoformat(f"{found['date']}T{clock}{zone}")


def instant(text: str) -> datetime:
    """Return the instant that a text names, a date its first moment; raises `ValueError`."""
    return _instant(text, whole_day=False)


def _unknown(name: str, fields: Mapping[str, FieldInfo]) -> FieldProblem:
    known = ", ".join(sorted(fields)) or "none"
    return FieldProblem(name, f"There is no such parameter; there are: {known}.")


def _message(field: FieldInfo, error: ValueError) -> str:
    reason = _PLACE.sub("", str(error)).removesuffix(".")
    allowed = _allowed(given_type(field))
    if allowed and isinstance(error, msgspec.ValidationError):
        return f"{reason}; expected one of: {', '.join(allowed)}."
    return f"{reason}."


def _allowed(kind: Any) -> list[str]:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return [member.value for member in kind]
    if get_origin(kind) is Literal:
        return [str(value) for value in get_args(kind)]
    return [name for part in get_args(kind) for name in _allowed(part)]
