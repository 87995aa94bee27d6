"""Writing to a node that is busy, or refuses, or is away: a fake one on a real port."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from infra.drivers.opensearch import OpenSearch
from infra.drivers.opensearch_bulk import DocumentRefused
from infra.drivers.search_errors import SearchUnavailable
from projections.running.mirrors import MirrorUnavailable
from projections.view import Row
from tests.contracts.search_desk import ticket

NOWHERE = "http://127.0.0.1:1"


class Node:
    """Answers bulk requests with the statuses it was told, and notes what it was sent."""

    def __init__(self) -> None:
        self.answers: list[int | list[int]] = []
        """For each request, the status of each document, or of the request as a whole."""
        self.requests: list[list[int]] = []
        """The positions in each request."""

    async def bulk(self, request: web.Request) -> web.Response:
        lines = (await request.read()).splitlines()
        actions = [msgspec.json.decode(line)["index"] for line in lines[::2]]
        self.requests.append([action["version"] for action in actions])
        answer = self.answers.pop(0) if self.answers else [201] * len(actions)
        if isinstance(answer, int):
            return web.json_response({"error": "busy"}, status=answer)
        items = [{"index": self._outcome(status)} for status in answer]
        return web.json_response({"errors": max(answer) >= 300, "items": items})

    @staticmethod
    def _outcome(status: int) -> dict[str, Any]:
        return {"status": status} | ({"error": {"reason": "too odd"}} if status >= 300 else {})


@pytest.fixture
def node() -> Node:
    return Node()


@pytest.fixture
async def engine(node: Node) -> AsyncIterator[OpenSearch]:
    app = web.Application(client_max_size=100_000_000)
    app.router.add_post("/psa-search/_bulk", node.bulk)
    async with (
        TestServer(app) as server,
        OpenSearch(str(server.make_url("")).rstrip("/"), pauses=(0.0, 0.0)) as engine,
    ):
        yield engine


def rows(count: int, body: str = "") -> Sequence[Row]:
    return [ticket(body=body, number=number) for number in range(1, count + 1)]


async def test_what_a_busy_node_refuses_is_offered_again_alone(
    engine: OpenSearch, node: Node
) -> None:
    node.answers = [[201, 429, 201], [429], [201]]

    await engine.write(rows(3))

    assert node.requests == [[1, 2, 3], [2], [2]]


async def test_a_busy_node_is_offered_everything_again(engine: OpenSearch, node: Node) -> None:
    node.answers = [429]

    await engine.write(rows(2))

    assert node.requests == [[1, 2], [1, 2]]


async def test_a_node_that_stays_busy_is_unavailable(engine: OpenSearch, node: Node) -> None:
    node.answers = [429, 429, 429]

    with pytest.raises(MirrorUnavailable):
        await engine.write(rows(1))

    assert len(node.requests) == 3


async def test_what_is_there_already_counts_as_written(engine: OpenSearch, node: Node) -> None:
    node.answers = [[409, 200]]

    await engine.write(rows(2))

    assert len(node.requests) == 1


async def test_a_document_that_is_refused_is_named(engine: OpenSearch, node: Node) -> None:
    node.answers = [[201, 400]]

    with pytest.raises(DocumentRefused, match=r"refuses document 0{8}-.*2: too odd"):
        await engine.write(rows(2))


async def test_nothing_is_sent_for_no_rows(engine: OpenSearch, node: Node) -> None:
    await engine.write([])

    assert node.requests == []


async def test_many_documents_are_sent_in_several_requests(engine: OpenSearch, node: Node) -> None:
    await engine.write(rows(2_500))

    assert [len(request) for request in node.requests] == [1_000, 1_000, 500]


async def test_large_documents_are_sent_in_several_requests(engine: OpenSearch, node: Node) -> None:
    await engine.write(rows(20, body="x" * 120_000))

    assert [len(request) for request in node.requests] == [8, 8, 4]


async def test_a_node_that_is_away_is_unavailable() -> None:
    async with OpenSearch(NOWHERE) as engine:
        with pytest.raises(MirrorUnavailable):
            await engine.write(rows(1))
        with pytest.raises(SearchUnavailable):
            await engine.wants_rebuild()
        with pytest.raises(SearchUnavailable):
            await engine.find(
                "drucker", kinds=[], customer_ids=None, include_internal=False, limit=1
            )
