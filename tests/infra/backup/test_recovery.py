"""Restores of a real server: to an instant, to the end, elsewhere, and those that are refused."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from eventstore.sealing.signatures import SealKeyMissing
from infra import backing
from infra.backup import keeping
from infra.backup.carrying import waiting
from infra.backup.clusters import LOG, repository, spool
from infra.backup.drill import drill, last_drill
from infra.backup.errors import BackupError
from infra.backup.health import health
from infra.backup.keeping import Keeper
from infra.embedded import EmbeddedError
from projections.checkpoints import mirror_of
from projections.search import VIEW as SEARCH
from tests.infra.backup.house import House

pytestmark = pytest.mark.servers


@pytest.fixture
def house() -> Iterator[House]:
    # Not pytest's own folder: its path is too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="psa-"))
    yield House(folder / "home")
    shutil.rmtree(folder)


def data_folders(house: House) -> list[str]:
    return sorted(path.name for path in house.home.glob("postgres*"))


def test_two_restores_give_back_their_instants_and_tell_what_each_has_lost(house: House) -> None:
    with house.running():
        house.back_up()
        house.record("one", "two")
        first = house.clock()
        house.record("three")
        second = house.clock()
        house.record("four", "five")
    told = house.restore(second)
    assert (told.epoch, told.first_position) == (2, 13)
    with house.running():
        assert house.head() == 12
        house.record("six")

    told = house.restore(first)

    assert (told.epoch, told.first_position) == (3, 9)
    with house.running():
        assert house.head() == 8
        house.record("seven", "eight")
        report = house.verify()
        house.back_up()
        assert repository(house.settings, LOG).backups()[-1].timeline == 3
    assert report.problem is None
    assert [(loss.epoch, loss.last_position) for loss in report.losses] == [(3, 20)]


def test_a_server_that_was_killed_is_restored_to_its_last_commit(house: House) -> None:
    with house.running():
        house.back_up()
        house.record("one", "two", "three")
        house.kill()

    told = house.restore(None)

    assert told.first_position == 13
    assert told.lost == [
        "epoch 2 began at position 13; no anchor knows of anything that was lost by that restore"
    ]
    with house.running():
        assert house.head() == 12


def test_what_was_kept_elsewhere_is_enough_for_another_machine(
    house: House, tmp_path: Path
) -> None:
    with house.running():
        house.record("one")
        house.back_up()
        house.record("two")
        house.carry()
        house.record("three")
        house.kill()
    elsewhere = house.move(house.home.with_name("other"), "backups", "keys", "anchors")

    told = elsewhere.restore(None)

    assert told.first_position == 9
    assert "seals 3-3" in told.lost[0]
    assert "positions 9-12 (4 events)" in told.lost[0]
    with elsewhere.running():
        elsewhere.record("four")
        assert elsewhere.head() == 12
        assert elsewhere.verify().problem is None


def test_a_restore_lets_nobody_rely_on_the_search_index(house: House) -> None:
    with house.running() as urls:
        with psycopg.connect(urls.postgres) as connection:
            connection.execute(
                "insert into rm.checkpoints (view, position, shape) values (%s, 8, %s)",
                [mirror_of(SEARCH), SEARCH.shape],
            )
        house.record("one")
        house.back_up()

    house.restore(None)

    with house.running() as urls, psycopg.connect(urls.postgres) as connection:
        row = connection.execute(
            "select position, shape from rm.checkpoints where view = %s", [mirror_of(SEARCH)]
        ).fetchone()
    assert row == (0, 0)


def test_a_restore_is_refused_while_the_server_runs(house: House) -> None:
    with house.running():
        house.back_up()

        with pytest.raises(EmbeddedError, match="is in use by process"):
            house.restore(None)

        assert house.head() == 0
    assert data_folders(house) == ["postgres"]


def test_an_instant_before_the_first_backup_can_not_be_had(house: House) -> None:
    with house.running():
        before = house.clock()
        house.back_up()

    with pytest.raises(BackupError, match="No backup was finished by then"):
        house.restore(before)


def test_an_instant_after_the_end_of_the_log_is_told_apart_from_a_loss(house: House) -> None:
    with house.running():
        house.back_up()
        house.record("one")
        end = house.clock()

    with pytest.raises(BackupError, match="restore `--to latest` or to an earlier one"):
        house.restore(end)

    assert data_folders(house) == ["postgres"]
    with pytest.raises(BackupError, match="is still to come"):
        house.restore(end + timedelta(days=1))


def test_without_the_key_that_seals_nothing_is_replaced(house: House) -> None:
    with house.running():
        house.record("one")
        house.back_up()
    for key in (house.home / "keys" / "seals").glob("*.pem"):
        key.rename(key.with_suffix(".away"))

    with pytest.raises(SealKeyMissing):
        house.restore(None)

    assert data_folders(house) == ["postgres"]
    with house.running():
        assert house.head() == 4


def test_a_restore_that_was_killed_does_no_harm_to_the_next(house: House) -> None:
    with house.running():
        house.record("one")
        house.back_up()
    (house.home / "postgres.restored" / "base").mkdir(parents=True)

    told = house.restore(None)

    assert told.first_position == 5
    assert data_folders(house) == ["postgres", Path(told.replaced).name]


def test_a_drill_leaves_nothing_but_the_word_that_it_was_well(house: House) -> None:
    with house.running():
        house.record("one", "two")
        house.back_up()
        agreed = backing.terms(house.settings, None, "drill")

        shown = asyncio.run(
            drill(backing.place(house.settings, LOG), agreed, lambda _, __, ___: None)
        )

        assert (shown.head, shown.seals) == (8, 2)
        assert shown.views == 0, "nothing was folded here"
        assert not (house.home / "drill").exists()
        assert last_drill(repository(house.settings, LOG)) == shown
        looked = health(repository(house.settings, LOG), spool(house.settings), house.clock())
        assert [each.ok for each in looked] == [True, True, True]
        house.record("three")
        assert house.verify().losses == []


def test_a_drill_fails_where_a_piece_is_damaged(house: House) -> None:
    with house.running():
        house.record("one")
        backup = house.back_up()
        path = repository(house.settings, LOG).path(f"base/{backup.id}")
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        agreed = backing.terms(house.settings, None, "drill")

        with pytest.raises(BackupError, match=f"base/{backup.id} is damaged"):
            asyncio.run(drill(backing.place(house.settings, LOG), agreed, lambda _, __, ___: None))

    assert last_drill(repository(house.settings, LOG)) is None
    assert not (house.home / "drill").exists()


def test_a_keeper_makes_the_backup_that_is_due_and_carries_the_rest(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "AT_FIRST", 0.0)
    with house.running():
        house.record("one")
        kept = repository(house.settings, LOG, make=True)
        keeper = Keeper(backing.source(house.settings, LOG), kept, LOG.keep)

        async def until_made() -> None:
            stop = asyncio.Event()
            running = asyncio.create_task(keeper.run(stop))
            async with asyncio.timeout(60):
                while not kept.backups():  # noqa: ASYNC110 - it comes true in a thread
                    await asyncio.sleep(0.05)
            stop.set()
            await running

        asyncio.run(until_made())

        assert len(kept.backups()) == 1
        assert waiting(spool(house.settings)) == []


def test_where_a_restore_was_stopped_at_its_end_no_empty_database_begins(house: House) -> None:
    with house.running():
        house.record("one")
    (house.home / "postgres").rename(house.home / "postgres.restored")

    with pytest.raises(EmbeddedError, match="A restore was interrupted"), house.running():
        pass

    (house.home / "postgres.restored").rename(house.home / "postgres")
    with house.running():
        assert house.head() == 4
