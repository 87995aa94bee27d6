"""What a request hears that was carried out, and what a repeated one hears again."""

import msgspec
from litestar import MediaType, Response

from commands.dispatch import Accepted
from eventstore.answers import Answer


def acceptance(accepted: Accepted, created: str) -> Response[bytes]:
    """Return the answer to an accepted command; `created` is where its new record is found."""
    headers = {"ETag": f'"{accepted.version}"', "X-Position": str(accepted.position)}
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
