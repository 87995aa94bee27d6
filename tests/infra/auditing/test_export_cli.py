"""`psa audit export`: parts of the log, places, archives, and what is refused in one line."""

import os
import resource
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.chaos.platform import wait_until
from tests.infra.auditing.given import Platform, contents, export, lines
from tests.infra.auditing.standard import read_package

OF_ITS_TIME = {"SHA256SUMS", "manifest.json", "verify.txt"}
"""The files that tell when they were made."""
PART = ("--from", "200", "--to", "420")


def test_a_part_of_the_log_is_told_as_in_the_whole(
    platform: Platform, package: Path, tmp_path: Path
) -> None:
    part = export(platform, tmp_path / "part", *PART)

    whole = read_package(package)
    for name, rows in read_package(part).items():
        expected = [row for row in whole[name] if 200 <= row["position"] <= 420]
        assert rows == expected
    assert lines(part) == lines(package)[199:420]


def test_the_same_part_is_the_same_byte_for_byte(platform: Platform, tmp_path: Path) -> None:
    one, other = (contents(export(platform, tmp_path / name, *PART)) for name in ("one", "two"))

    assert one.keys() == other.keys()
    assert {name for name in one if one[name] != other[name]} <= OF_ITS_TIME


def test_an_archive_holds_the_same_files(platform: Platform, tmp_path: Path) -> None:
    folder = contents(export(platform, tmp_path / "audit", *PART))

    archive = export(platform, tmp_path / "audit.zip", *PART, "--zip")

    with zipfile.ZipFile(archive) as opened:
        zipped = {name.removeprefix("audit/"): opened.read(name) for name in opened.namelist()}
    assert zipped.keys() == folder.keys()
    assert all(zipped[name] == folder[name] for name in folder.keys() - OF_ITS_TIME)


def test_days_are_those_of_recording(platform: Platform, tmp_path: Path) -> None:
    ((first, last),) = platform.rows("select min(recorded_at), max(recorded_at) from es.events")

    days = ("--from", str(first.date()), "--to", str(last.date()))
    part = export(platform, tmp_path / "part", *days)

    assert len(lines(part)) == platform.rows("select count(*) from es.events")[0][0]


def test_without_a_place_the_package_is_named_by_its_positions(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    told = platform.psa("audit", "export", "--from", "3", "--to", "9", "--supplier", "Acme")

    assert told.stdout.startswith(f"Written to {tmp_path / 'audit-3-9'}: 7 events at positions 3 ")
    index = (tmp_path / "audit-3-9" / "index.xml").read_text()
    assert "<Name>Acme</Name>" in index


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--from", "yesterday"), 2, "'yesterday' is no position from 1 on"),
        (("--from", "0"), 2, "'0' is no position from 1 on"),
        (("--from", "9", "--to", "3"), 2, "3 comes before --from, which is 9."),
        (("--from", "2026-02-02", "--to", "2026-02-01"), 2, "2026-02-01 comes before --from"),
    ],
)
def test_what_is_no_part_of_the_log_is_refused(
    platform: Platform, tmp_path: Path, options: tuple[str, ...], code: int, said: str
) -> None:
    told = platform.psa("audit", "export", "--out", str(tmp_path / "audit"), *options)

    assert told.exit_code == code
    assert said in told.stderr
    assert list(tmp_path.iterdir()) == []


@contextmanager
def begun(
    platform: Platform, *options: str, limit: int = resource.RLIM_INFINITY
) -> Iterator[subprocess.Popen[str]]:
    """The command in a process of its own, whose files may not grow beyond a limit of bytes."""
    env = {
        **os.environ,
        "PSA_HOME": str(platform.home),
        "PSA_POSTGRES_URL": platform.database.url,
        "PSA_KEYS_URL": platform.database.url,
        "PSA_NATS_URL": "nats://127.0.0.1:9",  # Nobody there: that is a warning only.
        "PSA_REDIS_URL": "redis://127.0.0.1:9",
    }
    code = (
        "import resource; from infra.cli import main; "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit})); main()"
    )
    command = [sys.executable, "-c", code, "audit", "export", *options]
    process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
    with process:
        try:
            yield process
        finally:
            process.kill()


def refused(platform: Platform, *options: str, limit: int = resource.RLIM_INFINITY) -> str:
    """The one line that the command says where it writes nothing."""
    with begun(platform, *options, limit=limit) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said.count("\n") == 1
    return said


def test_a_disk_without_room_is_one_line_and_leaves_nothing(
    platform: Platform, tmp_path: Path
) -> None:
    line = refused(platform, "--out", str(tmp_path / "audit"), limit=50_000)

    assert line.startswith("psa: There is no room for the package in ")
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_was_recorded_is_one_line(platform: Platform, tmp_path: Path) -> None:
    line = refused(platform, "--out", str(tmp_path / "audit"), "--from", "900000")

    assert line.startswith("psa: No event is recorded from 900000 to the end: the log ends at ")
    assert list(tmp_path.iterdir()) == []


def test_a_killed_export_leaves_no_package_and_is_run_again(
    platform: Platform, tmp_path: Path
) -> None:
    target, draft = tmp_path / "audit", tmp_path / ".audit.part" / "audit"

    with psycopg.connect(platform.database.owner_url) as owner:
        owner.execute("lock table es.seals")  # It waits there, with the events written.
        with begun(platform, "--out", str(target)) as process:
            wait_until((draft / "procedure.md").exists, "the events are written", 60)
            process.kill()

    assert not target.exists()
    assert (draft / "journal.csv").exists()
    assert lines(export(platform, target))
    assert list(tmp_path.iterdir()) == [target]


def test_the_help_has_an_example(platform: Platform) -> None:
    told = platform.psa("audit", "export", "--help")

    assert "psa audit export --from 2026-01-01 --to 2026-12-31" in " ".join(told.stdout.split())
