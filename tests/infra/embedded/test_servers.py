"""Starting: waiting, trying again, and giving up with a reason."""

import signal
from pathlib import Path

import pytest

from infra.embedded import EmbeddedError
from infra.embedded.passwords import Passwords
from infra.embedded.process import Program, Terms
from infra.embedded.servers import Servers

PASSWORDS = Passwords(nats="hunter2")


class Script:
    """A server that is a shell script; it answers once it has made the file `ready`."""

    def __init__(self, home: Path, text: str, seconds: float = 30) -> None:
        self.home = home
        self.text = text
        self.terms = Terms(
            name="script",
            start_seconds=seconds,
            stop_seconds=5,
            stop_signals=(signal.SIGTERM,),
            worth_another_try=("address in use",),
        )

    def prepare(self) -> Program:
        return Program(["/bin/sh", "-c", self.text], self.home)

    def answers(self) -> bool:
        return (self.home / "ready").exists()

    def complete(self) -> None:
        (self.home / "completed").touch()

    def urls(self) -> dict[str, str]:
        return {"URL": "script://"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("run", "logs"):
        (tmp_path / name).mkdir()
    return tmp_path


def test_a_server_that_never_answers_is_quoted_without_its_passwords(folder: Path) -> None:
    script = Script(folder, "echo waiting with hunter2; exec sleep 600", seconds=0.5)
    servers = Servers(folder, [script], PASSWORDS)

    with pytest.raises(
        EmbeddedError, match=r"script did not answer within .*(?s:.*)waiting with \*\*\*"
    ):
        servers.start()

    servers.stop()
    assert servers.services()[0].process.poll() is not None


def test_a_server_that_lost_its_port_tries_again(folder: Path) -> None:
    unlucky = (
        "test -e seen && touch ready && exec sleep 600; touch seen; echo address in use; exit 1"
    )
    servers = Servers(folder, [Script(folder, unlucky)], PASSWORDS)

    servers.start()

    assert (folder / "completed").exists()
    assert servers.urls() == {"URL": "script://"}
    servers.stop()


def test_a_server_that_fails_otherwise_is_not_tried_again(folder: Path) -> None:
    servers = Servers(folder, [Script(folder, "echo once >> tries; exit 3")], PASSWORDS)

    with pytest.raises(EmbeddedError, match="script ended with status 3"):
        servers.start()

    assert (folder / "tries").read_text() == "once\n"
    servers.stop()


def test_a_program_that_does_not_exist_is_said_to_be_missing(folder: Path) -> None:
    script = Script(folder, "")
    script.prepare = lambda: Program(["/nowhere/server"], folder)  # type: ignore[method-assign]
    servers = Servers(folder, [script], PASSWORDS)

    with pytest.raises(
        EmbeddedError, match=r"program /nowhere/server could not be executed: .*No such file"
    ):
        servers.start()

    servers.stop()
