"""Writing to OpenSearch, many documents per request, each at most once per position."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from opensearchpy import AsyncOpenSearch, TransportError

from infra.drivers.opensearch_index import document
from projections.running.mirrors import RowRefused
from projections.view import Row

MAX_DOCUMENTS: Final = 1_000
MAX_BYTES: Final = 1_000_000  # aiohttp sends more in one piece that blocks everything else.
PAUSES: Final = (0.1, 0.2, 0.4, 0.8, 1.6)
NO_INDEX: Final = 404
# A conflict says that this position, or a later one, is here already.
WRITTEN: Final = {200, 201, 409}
BUSY: Final[set[int | str]] = {429, 503}


class DocumentRefused(RowRefused):
    """OpenSearch does not take a document, however often it is offered."""

    def __init__(self, id: str, reason: str) -> None:
        super().__init__(id, f"OpenSearch refuses document {id}: {reason}.")


class NotTaken(Exception):
    """OpenSearch has no room for documents, even after several pauses, or no index for them."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class _Line(NamedTuple):
    id: str
    text: bytes


class Bulk:
    """Documents on their way into an index."""

    def __init__(self, client: AsyncOpenSearch, pauses: Sequence[float] = PAUSES) -> None:
        """Write through `client`; what a busy node refuses is offered again after each pause."""
        self._client = client
        self._pauses = pauses

    async def write(self, alias: str, rows: Sequence[Row]) -> None:
        """Write rows, unless the index behind the alias has them, or newer ones.

        Raises `NotTaken`, `DocumentRefused`, or what the client raises.
        """
        for lines in _requests(map(_line, rows)):
            left = await self._offer(alias, lines)
            for pause in self._pauses:
                if not left:
                    break
                await asyncio.sleep(pause)
                left = await self._offer(alias, left)
            if left:
                raise NotTaken

    async def _offer(self, alias: str, lines: Sequence[_Line]) -> list[_Line]:
        """Send one request and return the lines for which there was no room."""
        try:
            answer = await self._client.bulk(
                body=b"".join(line.text for line in lines),
                index=alias,
                # Where there is no index, one that nobody defined would come to be.
                require_alias=True,
                filter_path="errors,items.index.status,items.index.error.reason",
            )
        except TransportError as error:
            if error.status_code not in BUSY:
                raise
            return list(lines)
        if not answer["errors"]:
            return []
        outcomes = [item["index"] for item in answer["items"]]
        return [
            line for line, outcome in zip(lines, outcomes, strict=True) if _is_left(line, outcome)
        ]


def _is_left(line: _Line, outcome: dict[str, Any]) -> bool:
    status = outcome["status"]
    if status == NO_INDEX:
        raise NotTaken
    if status not in WRITTEN | BUSY:
        raise DocumentRefused(line.id, outcome["error"]["reason"])
    return status in BUSY


def _line(row: Row) -> _Line:
    action = {"_id": row["id"], "version": row["position"], "version_type": "external"}
    lines = msgspec.json.encode({"index": action}), msgspec.json.encode(document(row)), b""
    return _Line(str(row["id"]), b"\n".join(lines))


def _requests(lines: Iterator[_Line]) -> Iterator[list[_Line]]:
    request: list[_Line] = []
    size = 0
    for line in lines:
        if request and (len(request) == MAX_DOCUMENTS or size + len(line.text) > MAX_BYTES):
            yield request
            request, size = [], 0
        request.append(line)
        size += len(line.text)
    if request:
        yield request
