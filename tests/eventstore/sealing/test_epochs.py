"""A restore is told from a log that was cut back, and nothing that it lost is hidden."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

from eventstore.sealing import epochs, seals
from eventstore.sealing.anchors import Anchoring
from eventstore.sealing.epochs import Epoch
from eventstore.sealing.problems import Problem
from eventstore.sealing.proofs import write
from eventstore.sealing.proving import prove
from eventstore.sealing.seals import SealForged
from eventstore.sealing.statements import Seal, parse
from eventstore.sealing.verify import Report, verify
from infra.drivers.anchor_file import AnchorFile, read_file
from infra.seal_keys import public_pem
from tests.conftest import Database
from tests.eventstore.given import append
from tests.eventstore.sealing.given import (
    AT,
    FixedKeys,
    kept,
    key,
    owner,
    record,
    sealed,
    steps,
    told,
)

ROOT = Path(__file__).parents[3]


def cut(database: Database, *, seal: int) -> None:
    """Take away everything behind a seal, as a restore does, or an owner who hides something."""
    with owner(database) as tampering:
        last = 4 * seal
        for statement in (
            "delete from es.events where position > %s",
            "delete from es.streams where first_position > %s",
            "delete from es.commands where first_position > %s",
            "delete from es.seals where last_position > %s",
        ):
            tampering.execute(statement.encode(), [last])


def begin(database: Database, number: int = 2, *, signer: int = 1, unsealed: int = 0) -> Epoch:
    """Begin an epoch where the log ends, as a restore does; some events may not be sealed."""
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        end = seals.read_end(connection)
        epoch = Epoch(
            log=end.log,
            epoch=number,
            first=end.position + unsealed + 1,
            last_seal=end.seal,
            previous=end.digest,
            restored_to=AT,
            recorded_at=AT,
            actor="mia",
            reason="restore",
            key=key(signer).public,
        )
        epochs.add(connection, epoch, key(signer))
    return epoch


def verified(database: Database, anchored: Sequence[Seal]) -> Report:
    return verify(database.url, key(1).public, [("the anchor", list(anchored))])


def seal_more(database: Database, *names: str) -> None:
    with psycopg.connect(database.url, autocommit=True) as connection:
        at_work = steps(connection)
        for name in names:
            append(connection, told(name))
            assert at_work.seal(at_once=True) == 4


def test_what_a_restore_lost_is_named_and_no_alarm(database: Database) -> None:
    sealed(database, ["one", "two", "three", "four"])
    anchored = kept(database)
    cut(database, seal=2)

    begin(database)

    report = verified(database, anchored)
    (loss,) = report.losses
    assert report.problem is None
    assert (loss.epoch, loss.first_position, loss.last_position, loss.events) == (2, 9, 16, 8)
    assert loss.seals == (3, 4)
    assert "lost by the restore of epoch 2: seals 3-4" in str(loss)
    assert "positions 9-16 (8 events)" in str(loss)


def test_a_log_that_was_cut_back_without_an_epoch_is_an_alarm(database: Database) -> None:
    sealed(database, ["one", "two", "three", "four"])
    anchored = kept(database)

    cut(database, seal=2)

    assert verified(database, anchored).problem == Problem(
        9, "the log was cut back: seal 3, which the anchor has, is missing"
    )


def test_events_that_were_left_without_their_seal_are_compared_with_it(
    database: Database,
) -> None:
    sealed(database, ["one", "two"])
    anchored = kept(database)
    with owner(database) as restoring:
        restoring.execute("delete from es.seals where seal = 2")
    begin(database, unsealed=4)
    assert verified(database, anchored).problem is None

    with owner(database) as tampering:
        tampering.execute("update es.events set topic = 'x' where position = 6")

    assert verified(database, anchored).problem == Problem(
        5, "an event from here to position 8 is not as seal 2 has it, which was lost by a restore"
    )


def test_an_epoch_that_was_not_signed_by_the_sealer_excuses_nothing(database: Database) -> None:
    sealed(database, ["one", "two", "three"])
    anchored = kept(database)
    cut(database, seal=2)

    begin(database, signer=7)

    problem = verified(database, anchored).problem
    assert problem is not None
    assert problem.position == 9
    assert "epoch 2 is forged: it is not signed with the key" in problem.what


def test_an_epoch_can_not_be_used_for_a_second_cut(database: Database) -> None:
    sealed(database, ["one", "two", "three"])
    anchored = kept(database)
    cut(database, seal=2)
    begin(database)
    seal_more(database, "four", "five", "six")
    anchored += kept(database)[2:]

    cut(database, seal=3)

    problem = verified(database, anchored).problem
    assert problem == Problem(13, "the log was cut back: seal 4, which the anchor has, is missing")


def test_an_epoch_that_goes_away_leaves_its_seals_without_a_reason(database: Database) -> None:
    sealed(database, ["one", "two", "three"])
    anchored = kept(database)
    cut(database, seal=2)
    begin(database)
    seal_more(database, "four")
    anchored += kept(database)[2:]

    with psycopg.connect(database.owner_url) as tampering:
        tampering.execute("alter table es.epochs disable trigger append_only")
        tampering.execute("delete from es.epochs")

    assert verified(database, anchored).problem == Problem(
        9, "seal 3 is of epoch 2, where the log is in epoch 1"
    )


def test_the_sealer_goes_on_in_the_new_epoch_and_every_seal_names_it(database: Database) -> None:
    sealed(database, ["one", "two", "three"])
    cut(database, seal=2)
    begin(database)

    seal_more(database, "four", "five")

    assert [parse(seal.statement).epoch for seal in kept(database)] == [1, 1, 2, 2]
    assert "psa-seal/2\n" in kept(database)[-1].statement


def test_an_event_of_the_new_epoch_is_proved_to_strangers(
    database: Database, tmp_path: Path
) -> None:
    sealed(database, ["one", "two", "three"])
    cut(database, seal=2)
    begin(database)
    seal_more(database, "four")
    with psycopg.connect(database.url) as connection:
        proof = prove(connection, "10", key(1).public)
    (tmp_path / "proof.json").write_text(write(proof))
    (tmp_path / "key.pem").write_bytes(public_pem(key(1).public))

    done = subprocess.run(
        [sys.executable, "docs/check_proof.py", tmp_path / "proof.json", tmp_path / "key.pem"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )

    assert done.stdout.startswith("Proved: position 10,"), done.stderr
    assert "\nepoch 2\n" in proof.seal.statement


def test_losses_of_several_restores_are_told_apart(database: Database) -> None:
    sealed(database, ["one", "two", "three"])
    anchored = kept(database)
    cut(database, seal=2)
    begin(database, 2)
    seal_more(database, "four", "five", "six")
    anchored += kept(database)[2:]
    cut(database, seal=3)

    begin(database, 3)

    report = verified(database, anchored)
    assert report.problem is None
    assert [(loss.epoch, loss.seals, loss.events) for loss in report.losses] == [
        (2, (3, 3), 4),
        (3, (4, 5), 8),
    ]


def test_a_seal_by_a_key_that_was_handed_over_to_and_lost_is_no_stranger_s(
    database: Database,
) -> None:
    sealed(database, ["one", "two"])
    keys = FixedKeys()
    with psycopg.connect(database.url, autocommit=True) as connection:
        at_work = steps(connection, keys)
        at_work.rotate()
        append(connection, told("three"))
        at_work.seal(at_once=True)
    anchored = kept(database)
    cut(database, seal=2)
    with owner(database) as restoring:
        restoring.execute("delete from es.seals where seal > 2")

    begin(database)

    report = verified(database, anchored)
    assert report.problem is None
    assert report.losses[0].seals == (3, 4)


def test_a_sealer_does_not_go_on_behind_a_forged_epoch(database: Database) -> None:
    sealed(database, ["one", "two"])
    cut(database, seal=1)

    begin(database, signer=7)

    record(database, told("three"))
    with (
        psycopg.connect(database.url, autocommit=True) as connection,
        pytest.raises(SealForged, match="epoch 2 is forged"),
    ):
        steps(connection).seal(at_once=True)


def test_an_epoch_begins_at_the_end_of_the_log_only(database: Database) -> None:
    sealed(database, ["one", "two"])
    epoch = begin(database)

    for changed in ({"epoch": 2}, {"epoch": 3, "first": 5}, {"epoch": 3, "last_seal": 1}):
        row: dict[str, Any] = {"epoch": 3, "first": epoch.first, "last_seal": 2, **changed}
        with (
            psycopg.connect(database.owner_url) as connection,
            pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState),
        ):
            connection.execute(
                "insert into es.epochs values (%s, %s, %s, null, 'x', 'x', now(), 'x', 'x')",
                [row["epoch"], row["first"], row["last_seal"]],
            )


@pytest.mark.parametrize("change", ["update es.epochs set epoch = 9", "delete from es.epochs"])
def test_an_epoch_stays_for_the_owner_too(database: Database, change: str) -> None:
    sealed(database, ["one"])
    begin(database)

    with (
        psycopg.connect(database.owner_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"),
    ):
        connection.execute(change.encode())


def test_the_application_begins_no_epoch(database: Database) -> None:
    with (
        psycopg.connect(database.url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(
            "insert into es.epochs values (2, 1, 0, null, 'x', 'x', now(), 'x', 'x')"
        )


async def test_an_anchor_takes_the_seals_of_the_new_epoch_and_keeps_the_others(
    database: Database, tmp_path: Any
) -> None:
    sealed(database, ["one", "two", "three"])
    anchor = AnchorFile(tmp_path / "seals.jsonl")
    await anchor.add(kept(database))
    cut(database, seal=2)
    begin(database)
    seal_more(database, "four")

    assert await Anchoring(database.url, anchor, lambda: 3).follow()

    numbers = [seal.seal for seal in read_file(tmp_path / "seals.jsonl")]
    assert numbers == [1, 2, 3, 3]
    report = verified(database, list(read_file(tmp_path / "seals.jsonl")))
    assert (report.problem, report.anchored) == (None, {"the anchor": 3})
    assert report.losses[0].seals == (3, 3)
