"""Any process may be killed at any instant: nothing is lost, nothing is doubled."""

import gzip
import json
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from infra.settings import Settings, find_urls
from projections.table import VIEWS
from tests.chaos.platform import Platform, platform_answers, running_platform, wait_until

ROWS = int(os.environ.get("PSA_CHAOS_ROWS", "6000"))
DEATHS = 5
VICTIMS = ("serve", "relay", "project", "seal", "nats-server")
SERVERS = ("home/postgres", "home/keystore", "valkey-server")
"""The others; of two PostgreSQLs the data folder tells which is which."""


@pytest.fixture
def platform() -> Iterator[Platform]:
    # Not pytest's own folder: its path is too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="psa-"))
    try:
        with running_platform(folder / "home") as platform:
            yield platform
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def log_file(real_data: Path, tmp_path: Path) -> Path:
    """The first cases of the real log."""
    path = tmp_path / "incidents.csv.gz"
    source = real_data / "eventlogs" / "servicenow_incidents.csv.gz"
    with gzip.open(source, "rt") as full, gzip.open(path, "wt") as part:
        part.writelines(line for line, _ in zip(full, range(ROWS + 1), strict=False))
    return path


def events_and_commands(platform: Platform) -> tuple[int, int, int]:
    urls = find_urls(Settings(home=platform.home))
    with psycopg.connect(urls.postgres) as connection:
        row = connection.execute(
            "select count(*), count(distinct (stream_id, version)), max(position) from es.events"
        ).fetchone()
    assert row is not None
    return row


@pytest.mark.servers
def test_an_import_survives_the_death_of_every_process(platform: Platform, log_file: Path) -> None:
    expected = json.loads(
        platform.psa("import", "servicenow", str(log_file), "--dry-run", "--json")
    )

    importing = platform.start("import", "servicenow", str(log_file), "--json")
    for victim in VICTIMS:
        old = platform.kill(victim)
        wait_until(lambda v=victim, o=old: platform.pid(v) != o, f"{victim} runs again")  # type: ignore[misc]
    output, errors = importing.communicate(timeout=300)

    assert importing.returncode == 0, errors
    report = json.loads(output)
    assert report["imported"] + len(report["reported"]) == report["rows"] == expected["rows"]
    assert report["events"] == expected["events"]
    wait_until(platform_answers(platform), "the platform is ready again")
    head = platform.settle()
    assert events_and_commands(platform) == (head, head, head)
    assert head == report["events"]
    assert all(platform.rebuilt_is_equal(view.name) for view in VIEWS)
    assert json.loads(platform.psa("audit", "verify", "--json"))["problem"] is None


@pytest.mark.servers
def test_the_views_survive_a_worker_that_dies_again_and_again(
    platform: Platform, log_file: Path
) -> None:
    importing = platform.start("import", "servicenow", str(log_file), "--json")
    for _ in range(DEATHS):
        old = platform.kill("project")
        wait_until(lambda o=old: platform.pid("project") != o, "the worker runs again")  # type: ignore[misc]
    output, errors = importing.communicate(timeout=300)

    assert importing.returncode == 0, errors
    assert platform.settle() == json.loads(output)["events"]
    assert all(platform.rebuilt_is_equal(view.name) for view in VIEWS)


@pytest.mark.servers
def test_an_import_that_was_killed_goes_on_where_it_stopped(
    platform: Platform, log_file: Path
) -> None:
    expected = json.loads(
        platform.psa("import", "servicenow", str(log_file), "--dry-run", "--json")
    )
    killed = platform.start("import", "servicenow", str(log_file), "--json")
    wait_until(lambda: events_and_commands(platform)[0] > 0, "the import has begun")
    killed.send_signal(signal.SIGKILL)
    killed.communicate()

    again = json.loads(platform.psa("import", "servicenow", str(log_file), "--json"))
    once_more = json.loads(platform.psa("import", "servicenow", str(log_file), "--json"))

    assert again["imported"] == expected["imported"]
    assert once_more["events"] == 0
    assert platform.settle() == expected["events"]
    assert all(platform.rebuilt_is_equal(view.name) for view in VIEWS)


@pytest.mark.servers
def test_stopping_leaves_no_process(platform: Platform) -> None:
    pids = [platform.pid(name) for name in (*VICTIMS, *SERVERS)]

    platform.process.send_signal(signal.SIGTERM)
    platform.process.wait(60)

    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
