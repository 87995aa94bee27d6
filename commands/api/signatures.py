"""What a route takes: its path, its headers, and the command's other fields.

Litestar reads the parameters off a handler's signature: each route shows just those it has.
"""

import inspect
from collections.abc import Sequence
from typing import Annotated, Any, get_args
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.params import Body, HeaderParameter, PathParameter, QueryParameter
from msgspec.structs import FieldInfo

from commands.dispatch import Entry
from domain.actors import Actor

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="Makes a repeated request harmless: within 24 hours it gets the same answer.",
    ),
]
IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match",
        max_length=40,
        pattern=r'^(\*|(W/)?"[0-9]{1,18}")$',
        description='The version you have seen, e.g. `"5"`; 412 when there is another one by now.',
    ),
]
CorrelationId = Annotated[
    UUID | None,
    HeaderParameter(name="X-Correlation-Id", description="Joins the commands of one process."),
]
CausationId = Annotated[
    UUID | None,
    HeaderParameter(name="X-Causation-Id", description="The event that led to this command."),
]


def show(handler: Any, entry: Entry, method: str, fields: Sequence[FieldInfo]) -> None:
    """Let a handler show what this line of the table takes; `fields` are all but the target."""
    request = _parameter("request", Request[Actor, Any, Any])
    parameters = [request, *_path(entry), *_input(entry, method, fields), *_HEADERS]
    signature = inspect.Signature(parameters, return_annotation=Response[bytes])
    handler.__signature__ = signature
    handler.__annotations__ = {p.name: p.annotation for p in signature.parameters.values()} | {
        "return": signature.return_annotation
    }


def _path(entry: Entry) -> list[inspect.Parameter]:
    return [_parameter("id", Annotated[UUID, PathParameter()])] if entry.target else []


def _input(entry: Entry, method: str, fields: Sequence[FieldInfo]) -> list[inspect.Parameter]:
    """Return where the command's other fields come from: the body, for DELETE the query."""
    if not fields:
        return []
    if method == "DELETE":  # RFC 9110 §9.3.5: content of a DELETE has no defined meaning
        return [_query(f) for f in fields]
    body = msgspec.defstruct(
        f"{entry.command.__name__}Body",
        [_field(f) for f in fields],
        kw_only=True,
        forbid_unknown_fields=True,
    )
    if any(f.required for f in fields):
        return [_parameter("data", Annotated[body, Body()])]
    return [_parameter("data", Annotated[body | None, Body()], None)]


def _query(f: FieldInfo) -> inspect.Parameter:
    # Litestar reads limits off its own marker only.
    kind, *metas = get_args(f.type) or (f.type,)
    limits = {
        name: getattr(meta, name)
        for meta in metas
        for name in ("min_length", "max_length", "pattern")
        if getattr(meta, name, None) is not None
    }
    return _parameter(f.name, Annotated[kind, QueryParameter(**limits)], f.default)


def _field(f: FieldInfo) -> tuple[str, Any] | tuple[str, Any, Any]:
    if f.required:
        return f.name, f.type
    if f.default_factory is not msgspec.NODEFAULT:
        return f.name, f.type, msgspec.field(default_factory=f.default_factory)
    return f.name, f.type, f.default


def _parameter(name: str, kind: Any, default: Any = msgspec.NODEFAULT) -> inspect.Parameter:
    absent = default is msgspec.NODEFAULT
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        annotation=kind,
        default=inspect.Parameter.empty if absent else default,
    )


_HEADERS = [
    _parameter("idempotency_key", IdempotencyKey, None),
    _parameter("if_match", IfMatch, None),
    _parameter("correlation_id", CorrelationId, None),
    _parameter("causation_id", CausationId, None),
]
