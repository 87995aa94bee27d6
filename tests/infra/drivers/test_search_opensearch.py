"""Search on OpenSearch, on a real node."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from uuid import uuid4

import pytest
from opensearchpy import RequestError

from infra.drivers.opensearch import OpenSearch
from infra.drivers.opensearch_index import compounds
from infra.drivers.opensearch_indices import RebuildIncomplete
from infra.drivers.search_errors import SearchUnavailable
from infra.drivers.search_pages import SearchMirror, fill
from projections.running.mirrors import MirrorUnavailable, MirrorWorker
from projections.schema import ensure
from projections.search import VIEW
from projections.view import Row
from tests.conftest import Database
from tests.contracts.search import SearchContract
from tests.contracts.search_desk import Desk, keep, ticket, tickets
from tests.given import commented, opened
from tests.projections.given import append, events, follow


@pytest.fixture
async def empty(opensearch_url: str) -> AsyncIterator[OpenSearch]:
    """Return an engine with no index yet."""
    async with OpenSearch(opensearch_url, alias=f"test-{uuid4().hex[:12]}") as engine:
        yield engine
        await engine._client.indices.delete(index=f"{engine._alias}-v*")


@pytest.fixture
async def engine(empty: OpenSearch) -> OpenSearch:
    """Return an engine with an index of its own."""
    await empty.rebuild(Pages())
    return empty


@pytest.fixture
def desk(engine: OpenSearch) -> Desk:
    async def take_in(rows: Sequence[Row]) -> None:
        await engine.write(rows)
        await show(engine)

    return Desk(engine, take_in)


async def show(engine: OpenSearch) -> None:
    """Make all that was written visible at once."""
    await engine._client.indices.refresh(index=engine._alias)


async def indices(engine: OpenSearch) -> list[str]:
    return list(await engine._client.indices.get(index=f"{engine._alias}-v*"))


class Pages:
    """Rows to rebuild from."""

    def __init__(self, *pages: Sequence[Row]) -> None:
        self.pages = pages

    async def __call__(self) -> AsyncIterator[Sequence[Row]]:
        for page in self.pages:
            yield page


class TestOpenSearch(SearchContract):
    """The contract, on OpenSearch."""


async def test_an_older_position_does_not_replace_a_newer_one(desk: Desk) -> None:
    await desk.take_in([ticket("Newer", position=8)])

    await desk.take_in([ticket("Older", position=7)])

    assert await desk.titles("newer") == ["Newer"]
    assert await desk.titles("older") == []


async def test_what_is_deleted_is_not_brought_back_by_an_older_row(desk: Desk) -> None:
    await desk.take_in([ticket("Drucker", position=8, deleted=True)])

    await desk.take_in([ticket("Drucker", position=7)])

    assert await desk.titles("drucker") == []


async def test_a_fresh_node_wants_a_rebuild_and_gets_no_empty_index(empty: OpenSearch) -> None:
    assert await empty.wants_rebuild() is True

    assert await indices(empty) == []


async def test_nothing_is_found_too_little_while_the_first_index_is_filled(
    empty: OpenSearch,
) -> None:
    desk = Desk(empty, empty.write)

    async def pages() -> AsyncIterator[Sequence[Row]]:
        if not await empty._client.indices.exists_alias(name=empty._alias):
            with pytest.raises(SearchUnavailable):
                await desk.find("drucker")
        yield tickets("Drucker")

    await empty.rebuild(pages)

    assert await desk.titles("drucker") == ["Drucker"]


async def test_a_node_that_answers_can_be_told_from_one_that_does_not(empty: OpenSearch) -> None:
    await empty.ping()


async def test_fields_that_nobody_knows_are_refused(engine: OpenSearch) -> None:
    with pytest.raises(RequestError, match="strict_dynamic_mapping_exception"):
        await engine._client.index(index=engine._alias, body={"unknown": 1})


async def test_nothing_can_be_written_or_found_without_an_index(empty: OpenSearch) -> None:
    desk = Desk(empty, empty.write)

    with pytest.raises(MirrorUnavailable):
        await desk.take_in(tickets("Drucker"))
    with pytest.raises(SearchUnavailable):
        await desk.find("drucker")

    assert await indices(empty) == []


async def test_the_parts_of_compounds_are_spelt_as_the_node_spells_them(
    engine: OpenSearch,
) -> None:
    answer = await engine._client.indices.analyze(
        index=engine._alias, body={"analyzer": "words", "text": " ".join(compounds())}
    )

    assert [token["token"] for token in answer["tokens"]] == compounds()


async def test_a_rebuild_fills_a_new_index_and_removes_the_old_one(desk: Desk) -> None:
    engine = desk.search
    assert isinstance(engine, OpenSearch)
    await desk.take_in([ticket("Gone from the view", number=9)])

    size = await engine.rebuild(Pages(tickets("Drucker", "Scanner"), [ticket(number=3)]))

    assert size == 3
    assert await desk.titles("drucker") == ["Drucker"]
    assert await desk.titles("gone") == []
    assert await indices(engine) == [f"{engine._alias}-v1-2"]
    assert await engine.wants_rebuild() is False


async def test_a_rebuild_makes_the_first_index_too(empty: OpenSearch) -> None:
    await empty.rebuild(Pages(tickets("Drucker")))

    assert await Desk(empty, empty.write).titles("drucker") == ["Drucker"]
    assert await empty.wants_rebuild() is False


async def test_searches_go_on_during_a_rebuild(desk: Desk) -> None:
    engine = desk.search
    assert isinstance(engine, OpenSearch)
    await desk.take_in(tickets("Drucker"))
    seen = []

    async def pages() -> AsyncIterator[Sequence[Row]]:
        seen.append(await desk.titles("drucker"))
        yield tickets("Drucker")
        seen.append(await desk.titles("drucker"))

    await engine.rebuild(pages)

    assert seen == [["Drucker"]] * 4


async def test_what_is_written_during_a_rebuild_is_not_lost(desk: Desk) -> None:
    engine = desk.search
    assert isinstance(engine, OpenSearch)
    rows = {1: ticket("Drucker", number=1), 2: ticket("Scanner", number=2)}

    async def pages() -> AsyncIterator[Sequence[Row]]:
        yield list(rows.values())
        if rows[1]["position"] == 1:
            rows[1] = ticket("Toner", number=1, position=10)
            await engine.write([rows[1]])

    await engine.rebuild(pages)
    await show(engine)

    assert await desk.titles("toner") == ["Toner"]
    assert await desk.titles("drucker") == []


async def test_an_incomplete_rebuild_leaves_the_old_index_in_use(desk: Desk) -> None:
    engine = desk.search
    assert isinstance(engine, OpenSearch)
    await desk.take_in(tickets("Drucker"))
    twice = tickets("Scanner")

    with pytest.raises(RebuildIncomplete, match="Of 2 documents the new index holds 1"):
        await engine.rebuild(Pages(twice, twice))

    assert await desk.titles("drucker") == ["Drucker"]


async def test_the_next_rebuild_removes_the_remains_of_one_that_failed(desk: Desk) -> None:
    engine = desk.search
    assert isinstance(engine, OpenSearch)
    twice = tickets("Scanner")
    with pytest.raises(RebuildIncomplete):
        await engine.rebuild(Pages(twice, twice))

    await engine.rebuild(Pages(tickets("Drucker")))

    assert await indices(engine) == [f"{engine._alias}-v1-3"]


async def test_an_index_that_a_failed_rebuild_left_is_not_used(empty: OpenSearch) -> None:
    twice = tickets("Scanner")
    with pytest.raises(RebuildIncomplete):
        await empty.rebuild(Pages(twice, twice))

    assert await empty.wants_rebuild() is True
    with pytest.raises(SearchUnavailable):
        await Desk(empty, empty.write).find("scanner")


async def test_two_rebuilds_at_once_leave_one_index_in_use(desk: Desk) -> None:
    engine = desk.search
    assert isinstance(engine, OpenSearch)

    async def pages() -> AsyncIterator[Sequence[Row]]:
        yield tickets("Drucker")
        if len(await indices(engine)) == 2:
            await engine.rebuild(Pages(tickets("Drucker", "Scanner")))

    with pytest.raises(SearchUnavailable):
        await engine.rebuild(pages)

    assert await desk.titles("scanner") == ["Scanner"]


async def test_an_index_is_filled_by_one_process_after_the_other(
    empty: OpenSearch, database: Database
) -> None:
    ensure(database.url, [VIEW])
    await keep(database, tickets("Drucker"))

    await asyncio.gather(*[fill(empty, database.url) for _ in range(3)])

    assert await Desk(empty, empty.write).titles("drucker") == ["Drucker"]
    assert await indices(empty) == [f"{empty._alias}-v1"]


async def test_the_index_follows_the_view(empty: OpenSearch, database: Database) -> None:
    ensure(database.url, [VIEW])
    append(database.url, events(opened(title="Netzwerkdrucker"), commented(body="Der Toner.")))
    reached, stop = asyncio.Event(), asyncio.Event()

    def moved(position: int) -> None:
        if position == 2:
            reached.set()

    mirror = SearchMirror(empty, database.url)
    worker = MirrorWorker(VIEW, database.url, mirror, moved=moved)
    following = asyncio.create_task(worker.run(stop))
    await follow(VIEW, database.url)
    await reached.wait()
    stop.set()
    await following
    await show(empty)

    assert await Desk(empty, empty.write).titles("toner") == ["Netzwerkdrucker"]
