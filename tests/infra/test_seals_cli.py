"""`psa audit verify` and `psa seals`, on a real log that this installation has sealed."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from eventstore.sealing.steps import Steps
from eventstore.sealing.verify import verify
from infra.cli import app
from infra.drivers.anchor_file import AnchorFile
from infra.embedded import Urls
from infra.seal_keys import SealKeys, read_public_key
from tests.conftest import Database
from tests.eventstore.carried import eventually
from tests.eventstore.sealing.given import AT, kept, owner, record, rows, told

Psa = Callable[..., Result]


@pytest.fixture
def psa(database: Database, urls: Urls, tmp_path: Path) -> Psa:
    """The command line of an installation with a sealed log of eight events."""
    record(database, told("one"), told("two"))
    seal(database, tmp_path)
    env = {
        "PSA_HOME": str(tmp_path),
        "PSA_POSTGRES_URL": database.url,
        "PSA_KEYS_URL": urls.keys,
        "PSA_NATS_URL": urls.nats,
        "PSA_REDIS_URL": urls.redis,
    }
    return lambda *arguments: CliRunner().invoke(app, arguments, env=env)


def seal(database: Database, home: Path) -> None:
    with psycopg.connect(database.url, autocommit=True) as connection:
        Steps(connection, SealKeys(home), lambda: AT).seal(at_once=True)


def test_a_log_that_is_as_it_was_sealed_is_one_line(psa: Psa) -> None:
    told = psa("audit", "verify", "--processes", "1")

    assert told.exit_code == 0
    assert told.stdout.startswith("As it was sealed: 8 events compared, 1 seals up to position 8")
    assert "Warning: the anchor file" in told.stderr


def test_a_changed_event_is_one_line_and_exit_code_1(database: Database, psa: Psa) -> None:
    with owner(database) as tampering:
        tampering.execute("update es.events set topic = 'ticket.closed' where position = 6")

    told = psa("audit", "verify")

    assert told.exit_code == 1
    assert told.stdout == (
        "Not as it was sealed: position 6: the event was changed after seal 1.\n"
    )


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
def test_positions_without_a_sealed_event_prove_nothing(psa: Psa, form: tuple[str, ...]) -> None:
    told = psa("audit", "verify", "--from", "9", *form)

    assert told.exit_code == 1
    assert form or told.stdout == (
        "Nothing was compared: no sealed event is at these positions; the log is sealed up to "
        "position 8.\n"
    )


def test_positions_that_end_before_they_begin_are_refused(psa: Psa) -> None:
    told = psa("audit", "verify", "--from", "6", "--to", "3")

    assert told.exit_code == 2
    assert "3 comes before --from, which is 6." in told.stderr


def test_a_program_gets_the_finding_as_json(database: Database, psa: Psa) -> None:
    with owner(database) as tampering:
        tampering.execute("delete from es.events where position = 6")

    told = psa("audit", "verify", "--json", "--from", "5", "--to", "8")

    found = json.loads(told.stdout)
    assert told.exit_code == 1
    assert found["problem"]["position"] == 6
    assert found["problem"]["what"] == "the event is missing, seal 1 covers it"


def test_a_seal_that_the_anchor_file_has_and_the_log_has_not_is_told(
    database: Database, psa: Psa, tmp_path: Path
) -> None:
    asyncio.run(AnchorFile(tmp_path / "copy.jsonl").add(kept(database)))
    with owner(database) as tampering:
        tampering.execute("delete from es.seals")

    alone = psa("audit", "verify")
    beside = psa("audit", "verify", "--anchors", str(tmp_path / "copy.jsonl"))

    assert alone.exit_code == 0
    assert beside.exit_code == 1
    assert "position 1: the log was cut back: seal 1" in beside.stdout


def test_another_key_than_the_log_was_sealed_with_proves_nothing(psa: Psa, tmp_path: Path) -> None:
    SealKeys(tmp_path / "other").first()
    other = SealKeys(tmp_path / "other").first_public

    told = psa("audit", "verify", "--public-key", str(other))

    assert told.exit_code == 1
    assert "position 1: seal 1 is forged" in told.stdout


def test_the_public_key_is_printed_as_pem(psa: Psa, tmp_path: Path) -> None:
    told = psa("seals", "key")

    (tmp_path / "ours.pem").write_text(told.stdout)
    assert read_public_key(tmp_path / "ours.pem") == SealKeys(tmp_path).first().public
    assert psa("audit", "verify", "--public-key", str(tmp_path / "ours.pem")).exit_code == 0


def test_the_key_is_changed_and_the_log_stays_verifiable(
    database: Database, psa: Psa, tmp_path: Path
) -> None:
    told_new = psa("seals", "rotate")
    record(database, told("three"))
    seal(database, tmp_path)

    listed = json.loads(psa("seals", "list", "--json").stdout)

    assert told_new.exit_code == 0
    assert [each["seal"] for each in listed] == [1, 2, 3]
    assert psa("seals", "list", "--after", "2").stdout.count("2026-01-05") == 1
    assert psa("audit", "verify").exit_code == 0


def test_without_any_key_it_is_said_how_to_give_one(psa: Psa, tmp_path: Path) -> None:
    SealKeys(tmp_path).first_public.unlink()

    told = psa("audit", "verify")

    assert told.exit_code == 1
    assert "--public-key" in str(told.exception)


async def test_a_sealer_that_was_killed_is_carried_on(
    database: Database, urls: Urls, tmp_path: Path
) -> None:
    env = {
        **os.environ,
        "PSA_HOME": str(tmp_path),
        "PSA_POSTGRES_URL": database.url,
        "PSA_KEYS_URL": urls.keys,
        "PSA_NATS_URL": "nats://127.0.0.1:9",  # Nobody there: the file anchors alone.
        "PSA_REDIS_URL": urls.redis,
    }
    anchor = AnchorFile(tmp_path / "anchors" / "seals.jsonl")

    for name in ("one", "two"):
        command = [sys.executable, "-m", "infra.cli", "seal"]
        process = await asyncio.create_subprocess_exec(*command, env=env)
        try:
            record(database, told(name))
            await eventually(lambda: is_anchored(database, anchor))
        finally:
            process.kill()
            await process.wait()

    assert rows(database, "select max(last_position) from es.seals") == [(8,)]
    assert [seal async for seal in anchor.read()] == kept(database)
    report = verify(database.url, SealKeys(tmp_path).first().public, [("it", kept(database))])
    assert report.problem is None


async def is_anchored(database: Database, anchor: AnchorFile) -> bool:
    """Tell whether everything is sealed, and the last seal anchored."""
    ((unsealed,),) = rows(
        database,
        "select count(*) from es.events"
        " where position > (select coalesce(max(last_position), 0) from es.seals)",
    )
    return unsealed == 0 and await anchor.last() == kept(database)[-1]
