"""The command line helps by example, and fails in one line."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer
from typer.testing import CliRunner

from domain.actors import Role
from infra.cli import app, main
from infra.embedded.lock import Lock
from infra.tokens import open_tokens

AWAY = {
    "PSA_POSTGRES_URL": "postgresql://psa:hunter2@127.0.0.1:1/psa?connect_timeout=1",
    "PSA_KEYS_URL": "postgresql://psa:hunter2@127.0.0.1:1/psa_keys?connect_timeout=1",
    "PSA_NATS_URL": "nats://psa:hunter2@127.0.0.1:1",
    "PSA_REDIS_URL": "redis://:hunter2@127.0.0.1:1",
}


def _commands(command: Any, *names: str) -> list[tuple[str, ...]]:
    """Return the names of every command below this one; the class of a group is Typer's own."""
    if not hasattr(command, "commands"):
        return [names]
    return [path for name, sub in command.commands.items() for path in _commands(sub, *names, name)]


COMMANDS = _commands(typer.main.get_command(app))


class Told(NamedTuple):
    """How the command line answered."""

    returncode: int
    stdout: str
    stderr: str


Psa = Callable[..., Told]


@pytest.fixture
def psa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Psa:
    """Run `psa` in this process, in a home of its own."""
    # The suite's own logging stays as it is.
    monkeypatch.setattr("infra.logs.configure", lambda: None)
    for name in [name for name in os.environ if name.startswith("PSA_")]:
        monkeypatch.delenv(name)

    def run(*arguments: str, **env: str) -> Told:
        for name, value in {"PSA_HOME": str(tmp_path), **env}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["psa", *arguments])
        capfd.readouterr()
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        return Told(code, *capfd.readouterr())

    return run


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_the_help_of_every_command_has_an_example(path: tuple[str, ...]) -> None:
    told = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})

    assert told.exit_code == 0
    assert f"Example: psa {' '.join(path)}" in told.stdout


def test_without_a_command_it_helps() -> None:
    told = CliRunner().invoke(app, [])

    assert "Usage" in told.output


def test_there_is_a_command_for_everybody() -> None:
    names = {" ".join(path) for path in COMMANDS}

    assert names >= {"up", "serve", "relay", "project", "status", "token", "audit show", "reset"}
    assert names >= {"seal", "audit verify", "seals list", "seals rotate", "seals key"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["status"],
        ["migrate"],
        ["serve"],
        ["relay"],
        ["project"],
        ["seal"],
        ["audit", "verify"],
        ["seals", "list"],
        ["rebuild", "tickets"],
        ["demo"],
        ["audit", "show", "ticket", "T-000001"],
    ],
    ids=" ".join,
)
def test_where_nothing_runs_one_line_says_what_to_do(psa: Psa, arguments: list[str]) -> None:
    told = psa(*arguments)

    assert told.returncode == 1
    assert told.stdout == ""
    (line,) = told.stderr.splitlines()
    assert line.startswith("psa: The platform does not run in")
    assert "psa up" in line


@pytest.mark.parametrize("arguments", [["status"], ["migrate"]], ids=" ".join)
def test_where_postgres_is_away_one_line_says_so_without_its_password(
    psa: Psa, arguments: list[str]
) -> None:
    told = psa(*arguments, **AWAY)

    assert told.returncode == 1
    (line,) = told.stderr.splitlines()
    assert line.startswith("psa: ")
    assert "hunter2" not in told.stderr + told.stdout


def test_a_port_that_is_none_is_told_in_one_line(psa: Psa) -> None:
    told = psa("status", PSA_HTTP_PORT="99999")

    assert told.returncode == 1
    assert told.stderr.startswith("psa: PSA_HTTP_PORT is not a port")
    assert len(told.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve", "nothing"],
        ["rebuild", "nothing"],
        ["token", "--role", "customer"],
        ["token", "--role", "king"],
        ["token", "--hours", "0"],
        ["fly"],
    ],
    ids=" ".join,
)
def test_an_argument_that_can_not_be_is_told_with_exit_code_2(
    psa: Psa, arguments: list[str]
) -> None:
    told = psa(*arguments)

    assert told.returncode == 2
    assert "Traceback" not in told.stderr


def test_doctor_says_that_nothing_runs(psa: Psa) -> None:
    told = psa("doctor")

    assert told.returncode == 1
    assert "not running" in told.stdout
    assert told.stderr == ""


def test_a_token_is_what_is_written_and_nothing_else(psa: Psa, tmp_path: Path) -> None:
    told = psa("token", "--role", "auditor", "--name", "Anna Berger", "--sub", "anna")

    actor = open_tokens(tmp_path).verify(told.stdout.strip())
    assert (actor.id, actor.name, actor.role) == ("anna", "Anna Berger", Role.AUDITOR)
    assert (told.returncode, told.stderr) == (0, "")


def test_reset_only_says_what_it_would_do(psa: Psa, tmp_path: Path) -> None:
    a_home(tmp_path)
    (tmp_path / "data").touch()

    told = psa("reset")

    assert told.returncode == 0
    assert "would delete" in told.stderr
    assert (tmp_path / "data").exists()


def test_reset_deletes_the_home_when_it_is_told_twice(psa: Psa, tmp_path: Path) -> None:
    home = a_home(tmp_path / "home")

    told = psa("reset", "--yes", PSA_HOME=str(home))

    assert told.returncode == 0
    assert not home.exists()


def test_reset_leaves_a_folder_alone_that_is_no_home(psa: Psa, tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").touch()

    told = psa("reset", "--yes", PSA_HOME=str(tmp_path))

    assert told.returncode == 1
    assert "holds no embedded servers" in told.stderr
    assert (tmp_path / "thesis.odt").exists()


def test_reset_is_refused_while_the_servers_run(psa: Psa, tmp_path: Path) -> None:
    home = a_home(tmp_path)
    lock = Lock(home / "run" / "lock")
    lock.take()

    told = psa("reset", "--yes", PSA_HOME=str(home))

    assert told.returncode == 1
    assert "in use by process" in told.stderr
    assert home.exists()
    lock.give_back()


def a_home(folder: Path) -> Path:
    """Return a folder as the first start of the servers leaves it."""
    (folder / "run").mkdir(parents=True)
    (folder / "passwords.json").touch()
    return folder
