"""What a request hears that was carried out, and what a repeated one hears again."""

from dataclasses import dataclass
from typing import Final

import msgspec
from litestar import MediaType, Response
from litestar.openapi.spec import (
    OpenAPIHeader,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Reference,
    Schema,
)

from commands.dispatch import Accepted
from eventstore.answers import Answer

_ALWAYS: Final = {
    "ETag": "The record's version now; send it as `If-Match` with the next command.",
    "X-Position": "Place in the log; send it as `X-Min-Position` with a query that must show this.",
}
_CREATED: Final = {"Location": "Where the new record is found."}
_REPLAYED: Final = {
    "Idempotency-Replayed": "`true` when an earlier request under the same key got this answer."
}


def operation(*, created: bool) -> type[Operation]:
    """Return an operation that shows the headers of an accepted command."""
    status, required = ("201", _ALWAYS | _CREATED) if created else ("200", _ALWAYS)
    headers: dict[str, OpenAPIHeader | Reference] = {
        name: OpenAPIHeader(
            description=text, schema=Schema(type=OpenAPIType.STRING), required=name in required
        )
        for name, text in (required | _REPLAYED).items()
    }

    @dataclass
    class Documented(Operation):
        def __post_init__(self) -> None:
            accepted = (self.responses or {}).get(status)
            if isinstance(accepted, OpenAPIResponse):
                accepted.headers = headers

    return Documented


def acceptance(accepted: Accepted, created: str) -> Response[bytes]:
    """Return the answer to an accepted command; `created` is where its new record is found."""
    headers = {"ETag": f'"{accepted.version}"', "X-Position": accepted.min_position}
    if created:
        headers["Location"] = f"{created}/{accepted.id}"
    return Response(
        msgspec.json.encode(accepted),
        status_code=201 if created else 200,
        headers=headers,
        media_type=MediaType.JSON,
    )


def kept(request_hash: bytes, response: Response[bytes]) -> Answer:
    """Return what has to be remembered of the answer to this request."""
    headers = {"content-type": response.media_type, **response.headers}
    return Answer(
        request_hash, response.status_code or 200, msgspec.json.encode(headers), response.content
    )


def replay(answer: Answer) -> Response[bytes]:
    """Return a kept answer once more, marked as a replay."""
    headers: dict[str, str] = msgspec.json.decode(answer.headers)
    media_type = headers.pop("content-type")
    headers["Idempotency-Replayed"] = "true"
    return Response(answer.body, status_code=answer.status, headers=headers, media_type=media_type)
