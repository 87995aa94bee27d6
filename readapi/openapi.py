"""What Litestar can not know of a query: its parameters and headers in the OpenAPI document."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from litestar.openapi.spec import (
    OpenAPIHeader,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    Reference,
    Schema,
)
from msgspec.structs import FieldInfo

from readapi.parameters import Query, given_type

_FRESHNESS: Final = frozenset({"X-Position", "X-Stale-By"})
"""Sent with a 404, too: what is not found may only not be shown yet."""


def operation(
    query: type[Query], headers: type[Query], path: str | None, answered: Mapping[str, str]
) -> type[Operation]:
    """Return an operation that shows these parameters and the headers of its answers.

    `path` says what the path's `{id}` takes.
    """
    shown = [
        *(_parameter(field, "query") for field in msgspec.structs.fields(query)),
        *(_parameter(field, "header") for field in msgspec.structs.fields(headers)),
    ]
    promised = {"200": answered.keys(), "404": _FRESHNESS}

    @dataclass
    class Documented(Operation):
        def __post_init__(self) -> None:
            for parameter in self.parameters or []:
                if isinstance(parameter, Parameter) and path:
                    parameter.description = path
            self.parameters = [*(self.parameters or []), *shown]
            for status, response in (self.responses or {}).items():
                if isinstance(response, OpenAPIResponse):
                    names = promised.get(status, frozenset())
                    response.headers = _headers(answered, names)

    return Documented


def _headers(
    answered: Mapping[str, str], names: Collection[str]
) -> dict[str, OpenAPIHeader | Reference] | None:
    kind = Schema(type=OpenAPIType.STRING)
    return {
        name: OpenAPIHeader(description=text, schema=kind)
        for name, text in answered.items()
        if name in names
    } or None


def _parameter(field: FieldInfo, place: str) -> Parameter:
    (schema,), components = msgspec.json.schema_components(
        [given_type(field)], ref_template="{name}"
    )
    schema = _plain(schema, components)
    if not field.required and field.default not in (None, ()):
        schema["default"] = msgspec.to_builtins(field.default)
    return Parameter(
        name=field.encode_name,
        param_in=place,
        schema=schema,  # a JSON schema is shown as it is
        description=schema.pop("description", None),
        required=field.required,
    )


def _plain(schema: Any, components: dict[str, Any]) -> Any:
    """Return the schema without references; an instant may be a bare date, too."""
    match schema:
        case {"$ref": name, **rest}:
            return _plain(components[name], components) | rest
        case {"format": "date-time", "type": kind, **rest}:
            return {"anyOf": [{"type": kind, "format": f} for f in ("date-time", "date")], **rest}
        case dict():
            return {key: _plain(value, components) for key, value in schema.items()}
        case list():
            return [_plain(item, components) for item in schema]
        case _:
            return schema
