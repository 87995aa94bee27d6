"""The search index follows its view: however often it is away, nothing is lost in it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec
import psycopg
import pytest
from structlog.testing import capture_logs

from infra.drivers.search_errors import SearchUnavailable
from infra.drivers.search_pages import Pages, SearchMirror, pages
from projections.running import mirrors
from projections.running.mirrors import MirrorUnavailable, MirrorWorker, RowRefused
from projections.running.rebuild import rebuild
from projections.schema import ensure, mirror_status
from projections.search import TEXT_LIMIT, VIEW, search_documents
from projections.view import Row, View
from tests.conftest import Database
from tests.given import TICKET, commented, customer_registered, described, opened
from tests.projections.given import append as append_to_log
from tests.projections.given import events, follow, hearing, position_of, stored

CONVERSATION = events(opened, *[commented(body=f"No. {number}") for number in range(5)])


class Shelf:
    """An index in memory, which may be away, be lost, or refuse."""

    def __init__(self) -> None:
        self.documents: dict[UUID, Row] = {}
        self.offered: list[int] = []
        self.rebuilt = 0
        self.lost = True
        self.refusal: Exception | None = None
        self.written: Callable[[], None] = lambda: None

    async def wants_rebuild(self) -> bool:
        self._refuse()
        return self.lost

    async def rebuild(self, pages: Pages) -> int:
        self.documents = {row["id"]: row async for page in pages() for row in page}
        self.lost = False
        self.rebuilt += 1
        return len(self.documents)

    async def write(self, changed: Sequence[Row]) -> None:
        self.offered += [row["position"] for row in changed]
        self._refuse()
        for row in changed:
            known = self.documents.get(row["id"])
            if known is None or known["position"] < row["position"]:
                self.documents[row["id"]] = row
        self.written()

    def _refuse(self) -> None:
        if self.refusal:
            raise self.refusal


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("IDLE_SECONDS", "STANDBY_SECONDS", "FIRST_PAUSE", "LONGEST_PAUSE"):
        monkeypatch.setattr(mirrors, name, 0.01)


@pytest.fixture
def desk(database: Database) -> Database:
    """A database with the empty view."""
    ensure(database.url, [VIEW])
    return database


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


class Following:
    """A mirror's worker at work."""

    def __init__(self) -> None:
        self.position = 0
        self._moved = asyncio.Event()

    def moved(self, position: int) -> None:
        self.position = position
        self._moved.set()

    async def reach(self, position: int) -> None:
        """Wait until the mirror has come to this position."""
        async with asyncio.timeout(30):
            while self.position < position:
                self._moved.clear()
                await self._moved.wait()


@asynccontextmanager
async def mirrored(desk: Database, shelf: Shelf, view: View = VIEW) -> AsyncIterator[Following]:
    """Let a worker follow the view meanwhile."""
    stop, following = asyncio.Event(), Following()
    worker = MirrorWorker(view, desk.url, SearchMirror(shelf, desk.url), moved=following.moved)
    task = asyncio.create_task(worker.run(stop))
    try:
        yield following
    finally:
        stop.set()
        await task


async def record(desk: Database, first: int, last: int) -> None:
    """Take a part of the conversation into the log and the view."""
    append_to_log(desk.url, CONVERSATION[first:last])
    await follow(VIEW, desk.url)


async def documents(desk: Database) -> list[Row]:
    """Return the documents of the view as an index gets to see them."""
    return [row async for page in pages(desk.url) for row in page]


async def test_the_index_follows_the_view(desk: Database, shelf: Shelf) -> None:
    await record(desk, 0, 2)

    async with mirrored(desk, shelf) as following:
        await record(desk, 2, 6)
        await following.reach(6)

    assert list(shelf.documents.values()) == await documents(desk)
    assert mirror_status(desk.url, VIEW) == 6
    assert shelf.rebuilt == 1


async def test_the_index_gets_whole_documents_with_every_text_that_joins_them(
    desk: Database, shelf: Shelf
) -> None:
    talk = events(
        opened(title="Jam", description="Since today."),
        commented(body="Is it on?"),
        commented(body="They never pay.", public=False),
        described(description="Since Monday."),
        commented(body="It is.", public=True),
        commented(body="They do.", public=False),
    )

    async with mirrored(desk, shelf) as following:
        for position, event in enumerate(talk, start=1):
            append_to_log(desk.url, [event])
            await follow(VIEW, desk.url)
            await following.reach(position)

    document = shelf.documents[TICKET]
    assert (document["title"], document["position"]) == ("Jam", 6)
    assert document["body"] == "Since Monday.\nIs it on?\nIt is."
    assert document["internal_body"] == "They never pay.\nThey do."


async def test_the_index_gets_no_more_of_a_document_than_it_can_hold(desk: Database) -> None:
    append_to_log(desk.url, events(opened, *[commented(body="x" * 50_000)] * 3))

    await follow(VIEW, desk.url)

    (document,) = await documents(desk)
    assert len(document["body"]) == TEXT_LIMIT


async def test_a_mirror_that_never_was_has_no_position(desk: Database) -> None:
    await record(desk, 0, 2)

    assert mirror_status(desk.url, VIEW) is None


async def test_events_that_change_no_document_move_the_mirror_too(
    desk: Database, shelf: Shelf
) -> None:
    async with mirrored(desk, shelf) as following:
        await record(desk, 0, 1)
        append_to_log(desk.url, events(customer_registered))
        await follow(msgspec.structs.replace(VIEW, topics=("ticket",)), desk.url)
        await following.reach(2)

    assert list(shelf.documents) == [TICKET]


async def test_the_view_goes_on_while_the_index_is_away_and_nothing_is_lost(
    desk: Database, shelf: Shelf
) -> None:
    await record(desk, 0, 1)

    with hearing("mirror_interrupted") as heard:
        async with mirrored(desk, shelf) as following:
            await following.reach(1)
            shelf.refusal = MirrorUnavailable()
            await record(desk, 1, 4)
            await heard.wait()
            assert position_of(VIEW, desk.url) == 4
            assert stored(desk.url, search_documents)[0]["position"] == 4
            await record(desk, 4, 6)
            shelf.refusal = None
            await following.reach(6)

    assert list(shelf.documents.values()) == await documents(desk)


async def test_an_index_that_is_away_at_first_is_filled_when_it_answers(
    desk: Database, shelf: Shelf
) -> None:
    await record(desk, 0, 3)
    shelf.refusal = SearchUnavailable()

    with hearing("mirror_interrupted") as heard:
        async with mirrored(desk, shelf) as following:
            await heard.wait()
            shelf.refusal = None
            await record(desk, 3, 6)
            await following.reach(6)

    assert list(shelf.documents.values()) == await documents(desk)
    assert shelf.rebuilt == 1


async def test_a_mirror_that_is_killed_after_writing_is_offered_the_same_again(
    desk: Database, shelf: Shelf
) -> None:
    async with mirrored(desk, shelf):
        await record(desk, 0, 1)
    await record(desk, 1, 6)
    written = asyncio.Event()
    shelf.written = written.set
    shelf.offered.clear()
    worker = MirrorWorker(VIEW, desk.url, Stuck(shelf, desk.url))
    killed = asyncio.create_task(worker.run(asyncio.Event()))
    await written.wait()
    killed.cancel()
    await asyncio.wait([killed])

    async with mirrored(desk, shelf) as following:
        await following.reach(6)

    assert shelf.offered == [6, 6]
    assert list(shelf.documents.values()) == await documents(desk)


class Stuck(SearchMirror):
    """A mirror that takes rows in and does not come back."""

    async def write(self, changed: Sequence[Row]) -> None:
        await super().write(changed)
        if changed:
            await asyncio.Event().wait()


async def test_a_mirror_that_is_killed_while_it_is_filled_is_filled_anew(
    desk: Database, shelf: Shelf
) -> None:
    await record(desk, 0, 6)
    begun = asyncio.Event()

    class Slow(Shelf):
        async def rebuild(self, pages: Pages) -> int:
            self.lost = False
            begun.set()
            await asyncio.Event().wait()
            return 0

    slow = Slow()
    worker = MirrorWorker(VIEW, desk.url, SearchMirror(slow, desk.url))
    killed = asyncio.create_task(worker.run(asyncio.Event()))
    await begun.wait()
    killed.cancel()
    await asyncio.wait([killed])

    shelf.lost = False
    async with mirrored(desk, shelf) as following:
        append_to_log(desk.url, events(customer_registered))
        await follow(VIEW, desk.url)
        await following.reach(7)

    assert list(shelf.documents.values()) == await documents(desk)
    assert shelf.rebuilt == 1


async def test_rows_that_a_rebuilt_view_does_not_have_leave_the_index(
    desk: Database, shelf: Shelf
) -> None:
    await record(desk, 0, 3)
    with psycopg.connect(desk.url) as connection:
        connection.execute(
            "insert into rm.search_documents select gen_random_uuid(), kind, number,"
            " external_number, 'Forged', fields, customer_id, deleted, position"
            " from rm.search_documents"
        )

    async with mirrored(desk, shelf) as following:
        await record(desk, 3, 4)
        await following.reach(4)
        forged = len(shelf.documents)
        await rebuild(VIEW, desk.owner_url)
        await record(desk, 4, 6)
        await following.reach(6)

    assert forged == 2
    assert list(shelf.documents) == [TICKET]
    assert list(shelf.documents.values()) == await documents(desk)


async def test_tables_that_are_replaced_while_the_index_is_filled_from_them_fill_it_once_more(
    desk: Database,
) -> None:
    await record(desk, 0, 3)

    class Interrupted(Shelf):
        async def rebuild(self, pages: Pages) -> int:
            size = await super().rebuild(pages)
            if self.rebuilt == 1:
                await rebuild(VIEW, desk.owner_url)
            else:
                again.set()
            return size

    shelf, again = Interrupted(), asyncio.Event()
    async with mirrored(desk, shelf) as following:
        await again.wait()
        await record(desk, 3, 6)
        await following.reach(6)

    assert list(shelf.documents.values()) == await documents(desk)
    assert shelf.rebuilt == 2


async def test_an_index_that_lost_its_documents_is_filled_anew(
    desk: Database, shelf: Shelf
) -> None:
    with hearing("mirror_interrupted") as heard:
        async with mirrored(desk, shelf) as following:
            await record(desk, 0, 3)
            await following.reach(3)
            shelf.documents, shelf.lost, shelf.refusal = {}, True, MirrorUnavailable()
            await record(desk, 3, 4)
            await heard.wait()
            shelf.refusal = None
            await record(desk, 4, 6)
            await following.reach(6)

    assert list(shelf.documents.values()) == await documents(desk)
    assert shelf.rebuilt == 2


async def test_a_view_of_another_shape_is_not_mirrored_until_it_is_rebuilt(
    desk: Database, shelf: Shelf
) -> None:
    await record(desk, 0, 3)
    newer = msgspec.structs.replace(VIEW, shape=VIEW.shape + 1)

    async with mirrored(desk, shelf, newer) as following:
        assert (shelf.documents, following.position) == ({}, 0)
    with psycopg.connect(desk.url) as connection:
        connection.execute("update rm.checkpoints set shape = 1 where view = 'search'")
    async with mirrored(desk, shelf) as following:
        assert shelf.rebuilt == 0
        await rebuild(VIEW, desk.owner_url)
        await record(desk, 3, 6)
        await following.reach(6)

    assert list(shelf.documents.values()) == await documents(desk)


async def test_of_two_mirror_workers_one_works(desk: Database, shelf: Shelf) -> None:
    idle = Shelf()

    async with mirrored(desk, shelf) as following:
        await record(desk, 0, 3)
        await following.reach(3)
        async with mirrored(desk, idle):
            await record(desk, 3, 6)
            await following.reach(6)

    assert idle.offered == []
    assert list(shelf.documents.values()) == await documents(desk)


@pytest.mark.parametrize(
    ("refusal", "account"),
    [
        (RowRefused("4711", "Too odd."), {"error": "RowRefused", "row": "4711"}),
        (ConnectionRefusedError(), {"error": "ConnectionRefusedError"}),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_the_log_tells_why_an_index_did_not_take_rows(
    desk: Database, shelf: Shelf, refusal: Exception, account: dict[str, str]
) -> None:
    async with mirrored(desk, shelf) as following:
        await record(desk, 0, 1)
        await following.reach(1)
    await record(desk, 1, 2)
    refused = asyncio.Event()
    shelf.lost = False

    class Picky(SearchMirror):
        async def write(self, changed: Sequence[Row]) -> None:
            if changed and not refused.is_set():
                refused.set()
                raise refusal
            await super().write(changed)

    following, stop = Following(), asyncio.Event()
    with capture_logs() as logs:
        worker = MirrorWorker(VIEW, desk.url, Picky(shelf, desk.url), moved=following.moved)
        task = asyncio.create_task(worker.run(stop))
        await following.reach(2)
        stop.set()
        await task

    (line,) = (line for line in logs if line["event"] == "mirror_interrupted")
    expected = {"event": "mirror_interrupted", "log_level": "warning", "view": "search"}
    assert line == expected | account
