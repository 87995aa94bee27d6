"""Both anchors keep every seal, in order, for good; and the sealer brings them there."""

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from nats.js.errors import APIError, NotFoundError
from structlog.testing import capture_logs

from eventstore.broker import BrokerUnavailable
from eventstore.sealing.anchors import Anchor, Anchoring
from eventstore.sealing.statements import Seal
from infra.drivers.anchor_file import AnchorDamaged, AnchorFile, read_file
from infra.drivers.anchor_stream import NO_SEAL, AnchorStream
from infra.drivers.jetstream import JetStream
from infra.sealing import seal_and_anchor
from tests.conftest import Database
from tests.eventstore.carried import NatsServer, eventually, stream
from tests.eventstore.sealing.given import FixedKeys, kept, owner, record, rows, sealed, told

pytestmark = pytest.mark.servers

SEALS = [Seal(number, f"statement {number}\n", bytes([number]) * 64) for number in range(1, 41)]


@asynccontextmanager
async def stream_of_its_own(url: str) -> AsyncIterator[AnchorStream]:
    """An anchor stream, gone afterwards."""
    prefix = f"t{uuid4().hex[:12]}"
    async with stream(url, prefix) as broker:
        yield AnchorStream(broker, prefix=prefix)
        with suppress(NotFoundError):
            await broker.context().delete_stream(f"{prefix.upper()}_SEALS")


@pytest.fixture(params=["file", "stream"])
async def anchor(
    request: pytest.FixtureRequest, tmp_path: Path, nats_url: str
) -> AsyncIterator[Anchor]:
    if request.param == "file":
        yield AnchorFile(tmp_path / "anchors" / "seals.jsonl")
    else:
        async with stream_of_its_own(nats_url) as anchor:
            yield anchor


async def everything(anchor: Anchor) -> list[Seal]:
    """All that an anchor keeps."""
    return [seal async for seal in anchor.read()]


async def test_a_new_anchor_is_empty(anchor: Anchor) -> None:
    assert await anchor.last() is None


async def test_an_anchor_keeps_seals_in_their_order(anchor: Anchor) -> None:
    await anchor.add(SEALS[:3])
    await anchor.add(SEALS[3:])

    assert await anchor.last() == SEALS[-1]
    assert await everything(anchor) == SEALS


async def test_another_seal_of_the_same_number_is_kept_beside_it(anchor: Anchor) -> None:
    other = Seal(2, "another statement\n", bytes(64))
    await anchor.add(SEALS[:2])

    await anchor.add([other])

    assert await everything(anchor) == [*SEALS[:2], other]


async def test_the_stream_refuses_to_forget(nats_url: str) -> None:
    async with stream_of_its_own(nats_url) as anchor:
        await anchor.add(SEALS[:2])
        jetstream = anchor._connection.context()

        with pytest.raises(APIError, match="delete not permitted"):
            await jetstream.delete_msg(anchor._stream, 1)
        with pytest.raises(APIError, match="purge not permitted"):
            await jetstream.purge_stream(anchor._stream)

        assert await everything(anchor) == SEALS[:2]


async def test_a_seal_that_is_sent_twice_is_one_message(nats_url: str) -> None:
    async with stream_of_its_own(nats_url) as anchor:
        await anchor.add(SEALS[:2])
        await anchor.add(SEALS[:3])

        assert await everything(anchor) == SEALS[:3]


async def test_a_stream_that_has_lost_its_end_gets_it_again(
    database: Database, server: NatsServer
) -> None:
    sealed(database)
    async with stream(server.url) as broker:
        anchor = AnchorStream(broker)
        anchoring = Anchoring(database.url, anchor, lambda: len(kept(database)))
        assert await anchoring.follow()
        server.kill()
        server.wipe()
        server.start()
        await eventually(lambda: answers(broker))
        sealed(database, ["four"])

        outcomes = [await anchoring.follow(), await anchoring.follow()]

        assert outcomes == [False, True]
        assert await everything(anchor) == kept(database)


async def test_a_stranger_s_message_is_read_as_no_seal(nats_url: str) -> None:
    async with stream_of_its_own(nats_url) as anchor:
        await anchor.add(SEALS[:1])
        await anchor._connection.context().publish(anchor._subject, b"hello")

        assert await anchor.last() == NO_SEAL
        assert await everything(anchor) == [SEALS[0], NO_SEAL]


async def test_an_anchor_stream_that_is_away_says_so(server: NatsServer) -> None:
    async with stream(server.url) as broker:
        anchor = AnchorStream(broker)
        await anchor.add(SEALS[:1])
        server.kill()

        with pytest.raises(BrokerUnavailable):
            await anchor.add(SEALS[1:])
        with pytest.raises(BrokerUnavailable):
            await everything(anchor)


async def test_the_anchor_file_is_private(tmp_path: Path) -> None:
    path = tmp_path / "anchors" / "seals.jsonl"

    await AnchorFile(path).add(SEALS[:1])

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("left", [1, 10, 60])
async def test_half_a_line_is_written_anew_behind_it(tmp_path: Path, left: int) -> None:
    path = tmp_path / "seals.jsonl"
    anchor = AnchorFile(path)
    await anchor.add(SEALS[:2])
    with path.open("ab") as file:
        file.write(msgspec.json.encode(SEALS[2])[:left])

    assert await anchor.last() == SEALS[1]
    assert await everything(anchor) == SEALS[:2]
    await anchor.add(SEALS[2:4])

    assert await everything(anchor) == SEALS[:4]


@pytest.mark.parametrize("damage", [b"{}\n", b"[]\n", b'{"seal": 2}\n', b"\xff\n"])
async def test_a_line_that_is_no_seal_is_named(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "seals.jsonl"
    one, three = (msgspec.json.encode(SEALS[n]) + b"\n" for n in (0, 2))
    path.write_bytes(one + damage + three)

    with pytest.raises(AnchorDamaged, match="damaged in line 2"):
        list(read_file(path))


async def test_an_anchor_gets_what_it_does_not_have(database: Database, anchor: Anchor) -> None:
    sealed(database)
    await anchor.add(kept(database)[:1])

    assert await Anchoring(database.url, anchor, lambda: 3).follow()

    assert await everything(anchor) == kept(database)


async def test_who_does_not_lead_anchors_nothing(database: Database, anchor: Anchor) -> None:
    sealed(database)

    assert await Anchoring(database.url, anchor, lambda: 0).follow()

    assert await anchor.last() is None


async def test_what_was_anchored_before_a_restore_stays_beside_what_follows_it(
    database: Database, anchor: Anchor
) -> None:
    sealed(database)
    before = kept(database)
    await anchor.add(before)
    with owner(database) as restoring:
        for table in ("events", "commands"):
            column = "position" if table == "events" else "first_position"
            restoring.execute(f"delete from es.{table} where {column} > 8".encode())
        restoring.execute("delete from es.streams where first_position > 8")
        restoring.execute("delete from es.seals where seal = 3")
    sealed(database, ["four", "five"])

    with capture_logs() as logs:
        await Anchoring(database.url, anchor, lambda: 4).follow()
    await Anchoring(database.url, anchor, lambda: 4).follow()

    assert await everything(anchor) == [*before, *kept(database)[2:]]
    assert [(log["event"], log["common"]) for log in logs] == [("anchor_has_other_seals", 2)]


async def test_sealing_goes_on_while_an_anchor_is_away(
    database: Database, server: NatsServer, tmp_path: Path
) -> None:
    stop = asyncio.Event()
    server.kill()
    async with stream(server.url) as broker:
        anchors: list[Anchor] = [AnchorFile(tmp_path / "seals.jsonl"), AnchorStream(broker)]
        working = asyncio.create_task(seal_and_anchor(database.url, FixedKeys(), anchors, stop))
        record(database, told("one"))
        await eventually(lambda: keeps(anchors[0], database, 4))

        server.start()

        await eventually(lambda: keeps(anchors[1], database, 4))
        stop.set()
        await working


async def test_who_stops_has_sealed_and_anchored_everything(
    database: Database, nats_url: str, tmp_path: Path
) -> None:
    stop = asyncio.Event()
    async with stream_of_its_own(nats_url) as anchor:
        anchors: list[Anchor] = [AnchorFile(tmp_path / "seals.jsonl"), anchor]
        working = asyncio.create_task(seal_and_anchor(database.url, FixedKeys(), anchors, stop))
        record(database, told("one"))
        await eventually(lambda: keeps(anchors[1], database, 4))
        record(database, told("two"))

        stop.set()
        await working

        assert rows(database, "select max(last_position) from es.seals") == [(8,)]
        assert [await everything(each) for each in anchors] == [kept(database)] * 2


async def answers(broker: JetStream) -> bool:
    """Tell whether the server answers."""
    try:
        await broker.last()
    except BrokerUnavailable:
        return False
    return True


async def keeps(anchor: Anchor, database: Database, position: int) -> bool:
    """Tell whether the log is sealed up to this position, and the anchor has all its seals."""
    if rows(database, "select max(last_position) from es.seals") != [(position,)]:
        return False
    try:
        return await anchor.last() == kept(database)[-1]
    except BrokerUnavailable:
        return False
