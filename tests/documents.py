"""The OpenAPI document of both sides, as the gateway serves it."""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from litestar import Litestar

import commands.api.routes
import commands.table
import readapi.app
from infra import gateway
from infra.tokens import Tokens


def _application() -> Litestar:
    nothing: Any = None
    key = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    return gateway.build(
        [
            *commands.api.routes.handlers(commands.table.TABLE, nothing, nothing),
            *readapi.app.routes(nothing, nothing, nothing, nothing),
        ],
        tokens=Tokens(key, lambda: datetime.now(UTC)),
        checks={},
        required=(),
        lifespan=[],
    )


def as_json(document: Any) -> Any:
    """Return a document as who asks for it reads it."""
    return msgspec.json.decode(msgspec.json.encode(document))


APPLICATION: Final = _application()
"""Both sides: it can tell what it would answer, but not answer."""
DOCUMENT: Final[dict[str, Any]] = as_json(APPLICATION.openapi_schema.to_schema())


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the operations by their ids."""
    return {
        operation["operationId"]: operation
        for item in document["paths"].values()
        for operation in item.values()
    }


def resolved(node: Any, document: dict[str, Any] = DOCUMENT) -> Any:
    """Return a part of a document with its references to anything but schemas followed."""
    match node:
        case {"$ref": str(path)} if not path.startswith("#/components/schemas/"):
            return resolved(followed(path, document), document)
        case dict():
            return {key: resolved(value, document) for key, value in node.items()}
        case list():
            return [resolved(value, document) for value in node]
        case _:
            return node


def followed(path: str, document: dict[str, Any] = DOCUMENT) -> Any:
    """Return what a reference leads to; raises KeyError when that is nowhere."""
    found: Any = document
    for step in path.removeprefix("#/").split("/"):
        found = found[step]
    return found
