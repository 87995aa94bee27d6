"""Components of an OpenAPI document: what stands in it more than once is said once.

Works on documents as Litestar renders them: whatever a path holds is an operation.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain, count
from typing import Any, Final, NamedTuple

import msgspec

_REFERENCE: Final = re.compile(rb'"\$ref":"#/components/(\w+)/([^"]+)"')

_UNSAID: Final = ("required", "deprecated", "allowEmptyValue", "allowReserved")
"""What the specification takes for false where it is not said, schemas apart."""


class _Place(NamedTuple):
    """Where something stands, and what it would be called among the components."""

    holder: Any
    key: str | int
    name: str


def share(document: dict[str, Any]) -> None:
    """Move headers, responses and parameters that stand more than once to the components.

    Among different ones of the same name the later are numbered.
    """
    for place in (*_headers(document), *_parameters(document)):
        _shorten(place.holder[place.key])
    for operation in _operations(document):
        _shorten(operation)
    # Headers first: responses are the same only when their headers are.
    _share(document, "headers", list(_headers(document)))
    _share(document, "responses", list(_responses(document)))
    _share(document, "parameters", list(_parameters(document)))


def part(document: dict[str, Any], tag: str) -> dict[str, Any]:
    """Return the document of the operations that bear a tag, in any case; it may have none."""
    paths = {
        path: {method: operation for method, operation in item.items() if _bears(operation, tag)}
        for path, item in document["paths"].items()
    }
    kept = {path: item for path, item in paths.items() if item}
    components: dict[str, dict[str, Any]] = {kind: {} for kind in document["components"]}
    components["securitySchemes"] = document["components"].get("securitySchemes", {})
    return document | {"paths": kept, "components": _reached(document, kept, components)}


def _bears(operation: dict[str, Any], tag: str) -> bool:
    return tag.lower() in (name.lower() for name in operation["tags"])


def _reached(
    document: dict[str, Any], start: Any, found: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Return the components that are referred to, also by other components."""
    new = [start]
    while new:
        for kind, name in _REFERENCE.findall(msgspec.json.encode(new.pop())):
            shelf, key = found[kind.decode()], name.decode()
            if key not in shelf:
                shelf[key] = document["components"][kind.decode()][key]
                new.append(shelf[key])
    return {kind: shelf for kind, shelf in found.items() if shelf}


def _share(document: dict[str, Any], kind: str, places: list[_Place]) -> None:
    texts = [msgspec.json.encode(holder[key], order="sorted") for holder, key, _ in places]
    counts = Counter(texts)
    shelf = document["components"].setdefault(kind, {})
    names: dict[bytes, str] = {}
    for (holder, key, name), text in zip(places, texts, strict=True):
        if counts[text] == 1:
            continue
        if text not in names:
            names[text] = _free(name, shelf)
            shelf[names[text]] = holder[key]
        holder[key] = {"$ref": f"#/components/{kind}/{names[text]}"}


def _free(name: str, shelf: dict[str, Any]) -> str:
    names = chain([name], (f"{name}_{number}" for number in count(2)))
    return next(free for free in names if free not in shelf)


def _shorten(said: dict[str, Any]) -> None:
    for name in _UNSAID:
        if said.get(name) is False:
            del said[name]


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document["paths"].values():
        yield from item.values()


def _parameters(document: dict[str, Any]) -> Iterator[_Place]:
    for operation in _operations(document):
        parameters = operation.get("parameters", [])
        for number, parameter in enumerate(parameters):
            yield _Place(parameters, number, parameter["name"])


def _responses(document: dict[str, Any]) -> Iterator[_Place]:
    for operation in _operations(document):
        for status, response in operation["responses"].items():
            yield _Place(operation["responses"], status, f"{_content(response)}{status}")


def _headers(document: dict[str, Any]) -> Iterator[_Place]:
    for holder, status, _ in _responses(document):
        headers = holder[status].get("headers", {})
        for name in headers:
            yield _Place(headers, name, name)


def _content(response: dict[str, Any]) -> str:
    """Return the name of what a response holds: that of its schema, if it has one."""
    schemas = [content["schema"] for content in response.get("content", {}).values()]
    return "".join(schema.get("$ref", "").rpartition("/")[2] for schema in schemas) or "Response"
