"""Root and ordinary users: who runs the servers that refuse root."""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.embedded import launch, process, unprivileged
from infra.embedded.process import Program
from tests.infra.embedded.scripts import (
    START,
    SUPERVISE,
    WITHOUT_NAMESPACES,
    is_running,
    run,
    script,
    supervisor,
    until,
)

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0,
    reason="compares root with others; an ordinary user is what all other tests run as then",
)

USE = (
    START
    + """
import psycopg
with psycopg.connect(urls.postgres) as connection:
    print(*connection.execute("select current_user").fetchone())
print(Path(f"/proc/{stack.services()[0].process.pid}/status").read_text())
stack.stop()
"""
)


def uids(report: str) -> set[str]:
    line = next(line for line in report.splitlines() if line.startswith("Uid:"))
    return set(line.split()[1:])


@pytest.fixture
def root_only() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp())
    assert folder.stat().st_mode & 0o777 == 0o700
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def open_to_all(root_only: Path) -> Path:
    root_only.chmod(0o755)
    return root_only


def as_ordinary_user(code: str, *arguments: str) -> list[str]:
    """Run the code as a user without any privilege, who owns what root owns."""
    program = Program(script(code, *arguments), Path("/"), launch.NAMESPACE)
    return process.launched(program, None, signal.SIGKILL)


def test_root_below_a_root_only_folder_keeps_all_files_its_own(root_only: Path) -> None:
    ended = run(script(USE, str(root_only / "home")))

    assert "psa_app" in ended.stdout, ended.stderr
    assert "CapEff:\t0000000000000000" in ended.stdout
    assert {path.lstat().st_uid for path in root_only.rglob("*")} == {0}
    assert root_only.stat().st_mode & 0o777 == 0o700


def test_an_ordinary_user_runs_the_servers_himself(root_only: Path) -> None:
    ended = run(as_ordinary_user(USE, str(root_only / "home")))

    assert "psa_app" in ended.stdout, ended.stderr
    assert uids(ended.stdout) == {str(launch.ORDINARY_ID)}


def test_an_ordinary_user_without_the_right_to_write_is_told_so(root_only: Path) -> None:
    root_only.chmod(0o500)

    ended = run(as_ordinary_user(START, str(root_only / "home")))

    assert f"EmbeddedError: The folder {root_only}/home can not be used" in ended.stderr
    assert "Permission denied" in ended.stderr
    assert "choose another PSA_HOME" in ended.stderr


def without_namespaces(code: str, home: Path) -> list[str]:
    return script(WITHOUT_NAMESPACES, *script(code, str(home)))


def test_root_without_namespaces_runs_postgres_as_nobody(open_to_all: Path) -> None:
    home = open_to_all / "home"

    ended = run(without_namespaces(USE, home))

    assert "psa_app" in ended.stdout, ended.stderr
    assert uids(ended.stdout) == {str(unprivileged.NOBODY)}
    assert (home / "postgres").stat().st_uid == unprivileged.NOBODY
    assert (home / "passwords.json").stat().st_mode & 0o777 == 0o600


def test_data_changes_hands_between_nobody_and_a_namespace(open_to_all: Path) -> None:
    home = open_to_all / "home"
    owners = []

    for command in (script(USE, str(home)), without_namespaces(USE, home), script(USE, str(home))):
        ended = run(command)
        assert "psa_app" in ended.stdout, ended.stderr
        owners.append({path.lstat().st_uid for path in (home / "postgres").rglob("*")})

    assert owners == [{0}, {unprivileged.NOBODY}, {0}]


def test_nobody_who_reaches_the_home_is_said_in_one_sentence(root_only: Path) -> None:
    ended = run(without_namespaces(START, root_only / "home"))

    assert "EmbeddedError: postgres refuses to run as root, and no other account" in ended.stderr
    assert "choose a PSA_HOME every user may pass" in ended.stderr


def test_a_server_run_as_nobody_ends_with_its_supervisor(open_to_all: Path) -> None:
    home = open_to_all / "home"

    with supervisor(*without_namespaces(SUPERVISE, home)) as (_, servers):
        os.kill(int((home / "run" / "lock").read_text()), signal.SIGKILL)

        assert until(lambda: not any(is_running(pid) for pid in servers))
