"""Types of payloads as JSON Schema (2020-12), and in words."""

from typing import Any, Final

import msgspec

Schema = dict[str, Any]

_FORMATS: Final = {
    "date": "date (RFC 3339)",
    "date-time": "instant (RFC 3339)",
    "decimal": "decimal number, as text",
    "duration": "duration (ISO 8601)",
    "time": "time of day (RFC 3339)",
    "uuid": "id (UUID)",
}
_TYPES: Final = {
    "boolean": "true or false",
    "integer": "whole number",
    "null": "null",
    "number": "number",
    "object": "object",
    "string": "text",
}
NULL: Final = {"type": "null"}


def schema_of(shape: type[msgspec.Struct]) -> Schema:
    """Return the schema of a payload: no references, and open to fields that come later.

    What is said where a field is missing is not in it: a mark of ours may stand there.
    """
    (schema,), components = msgspec.json.schema_components([shape], ref_template="{name}")
    plain: Schema = _plain(schema, components)
    for field in plain["properties"].values():
        field.pop("default", None)
    return plain


def _plain(schema: Any, components: Schema) -> Any:
    match schema:
        case {"$ref": name, **rest}:
            return _plain(components[name], components) | rest
        case {"additionalProperties": False, **rest}:
            return _plain(rest, components)
        case dict():
            return {key: _plain(value, components) for key, value in schema.items()}
        case list():
            return [_plain(item, components) for item in schema]
        case _:
            return schema


def options(schema: Schema) -> list[Schema]:
    """Return what a schema lets one choose from, but for null."""
    return [option for option in schema.get("anyOf", [schema]) if option != NULL]


def is_nullable(schema: Schema) -> bool:
    """Tell whether null is one of the values."""
    return NULL in schema.get("anyOf", [schema])


def in_words(schema: Schema) -> str:
    """Return a type as people say it; whether it may be null is not part of that."""
    return " or ".join(_in_words(option) for option in options(schema)) or "null"


def _in_words(schema: Schema) -> str:
    match schema:
        case {"enum": known}:
            words = f"one of {', '.join(f'`{word}`' for word in known)}"
        case {"properties": _, "title": title}:
            words = str(title)
        case {"additionalProperties": dict(values)}:
            words = f"by name: {_with_null(values)}"
        case {"items": dict(items)}:
            words = f"list, each {_with_null(items)}"
        case {"format": form}:
            words = _FORMATS.get(form, str(form))
        case {"type": kind}:
            words = _TYPES.get(kind, str(kind))
        case _:
            words = "anything"
    return words


def _with_null(schema: Schema) -> str:
    return in_words(schema) + (" or null" if is_nullable(schema) else "")
