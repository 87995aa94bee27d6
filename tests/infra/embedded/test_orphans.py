"""What happens to the servers when their supervisor dies, and at the start after that."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from infra.embedded import Stack, Urls, launch, process
from infra.embedded.process import Program, Terms
from tests.infra.embedded.scripts import START, SUPERVISE, is_running, script, supervisor, until

# As on systems whose kernel does not tell a child that its parent died.
UNTOLD = f"""
from infra.embedded import process
told = process.launched
process.launched = lambda program, file, signal: told(program, file, 0)
{SUPERVISE}
"""

INTERRUPTED = """
import sys, time
from pathlib import Path
from infra.embedded import Stack

stack = Stack(Path(sys.argv[1]), external={}, durable=False)
stack.start()
try:
    print(*(service.process.pid for service in stack.services()), flush=True)
    time.sleep(600)
except KeyboardInterrupt:
    print(*(service.process.poll() for service in stack.services()))
    stack.stop()
"""


class Stubborn:
    """A server that ignores the clean way to end."""

    terms = Terms(
        name="stubborn",
        start_seconds=5,
        stop_seconds=0.2,
        stop_signals=(signal.SIGTERM,),
        worth_another_try=(),
    )

    def __init__(self, home: Path) -> None:
        self.home = home

    def prepare(self) -> Program:
        return Program(
            ["/bin/sh", "-c", "trap '' TERM; touch ready; while :; do sleep 1; done"], self.home
        )

    def answers(self) -> bool:
        return (self.home / "ready").exists()

    def complete(self) -> None:
        pass

    def urls(self) -> dict[str, str]:
        return {}


def answers(urls: Urls) -> bool:
    with psycopg.connect(urls.postgres) as connection:
        return connection.execute("select 1").fetchone() == (1,)


def group_members(leader: int) -> list[int]:
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if is_running(pid) and group(pid) == leader]


def group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


@pytest.fixture
def stubborn(home: Path) -> Stubborn:
    for folder in ("run", "logs"):
        (home / folder).mkdir(parents=True)
    return Stubborn(home)


@pytest.mark.skipif(sys.platform != "linux", reason="needs PR_SET_PDEATHSIG")
def test_the_servers_end_when_their_supervisor_forgets_them(home: Path) -> None:
    with supervisor(*script(START, str(home))) as (supervising, servers):
        assert supervising.wait(timeout=60) == 0

    assert until(lambda: not any(is_running(pid) for pid in servers))


@pytest.mark.skipif(sys.platform != "linux", reason="needs PR_SET_PDEATHSIG")
def test_the_servers_end_cleanly_when_their_supervisor_is_killed(home: Path) -> None:
    with supervisor(*script(SUPERVISE, str(home))) as (supervising, servers):
        supervising.kill()

    assert until(lambda: not any(is_running(pid) for pid in servers))
    assert "database system is shut down" in (home / "logs" / "postgres.log").read_text()


def test_a_killed_supervisor_is_followed_by_a_new_one_with_the_same_data(home: Path) -> None:
    with supervisor(*script(SUPERVISE, str(home))) as (supervising, _):
        supervising.kill()

        with Stack(home, external={}, durable=False) as stack:
            assert answers(stack.start())


def test_servers_that_outlived_their_supervisor_are_ended_before_the_start(home: Path) -> None:
    with supervisor(*script(UNTOLD, str(home))) as (supervising, orphans):
        supervising.kill()
    assert [is_running(pid) for pid in orphans] == [True] * 4

    with Stack(home, external={}, durable=False) as stack:
        assert answers(stack.start())

        assert not any(is_running(pid) for pid in orphans)


@pytest.mark.parametrize(("place", "setting"), [(1, "PSA_KEYS_URL"), (2, "PSA_NATS_URL")])
def test_an_orphan_whose_server_is_now_given_by_url_is_ended_as_well(
    home: Path, place: int, setting: str
) -> None:
    with supervisor(*script(UNTOLD, str(home))) as (supervising, orphans):
        supervising.kill()
    assert is_running(orphans[place])

    with Stack(home, external={setting: "elsewhere://"}, durable=False) as stack:
        stack.start()

        assert not is_running(orphans[place])


def test_a_killed_postgres_does_not_prevent_the_next_start(home: Path) -> None:
    with supervisor(*script(UNTOLD, str(home))) as (supervising, (postgres, *_)):
        os.kill(postgres, signal.SIGKILL)
        supervising.kill()

    with Stack(home, external={}, durable=False) as stack:
        assert answers(stack.start())


def test_a_recycled_pid_is_left_alone(home: Path) -> None:
    (home / "run").mkdir(parents=True)
    with subprocess.Popen(["/bin/sleep", "600"]) as stranger:
        (home / "run" / "valkey.pid").write_text(f"{stranger.pid} an earlier boot and start")

        with Stack(home, external={}, durable=False) as stack:
            stack.start()

            assert stranger.poll() is None
        stranger.kill()


def test_a_server_that_ignores_the_signal_is_killed_with_its_whole_group(
    stubborn: Stubborn,
) -> None:
    service = process.spawn(stubborn, stubborn.prepare(), stubborn.home)
    assert until(stubborn.answers)

    service.stop()

    assert service.process.returncode == -signal.SIGKILL
    assert until(lambda: not group_members(service.process.pid))


def test_an_orphan_that_ignores_the_signal_is_killed(stubborn: Stubborn) -> None:
    service = process.spawn(stubborn, stubborn.prepare(), stubborn.home)
    assert until(stubborn.answers)

    process.end_orphan(stubborn, stubborn.home)

    assert service.process.wait() == -signal.SIGKILL
    assert launch.mark(service.process.pid) is None


def test_a_log_that_grew_too_long_begins_anew(stubborn: Stubborn) -> None:
    log = process.log_file(stubborn.home, "stubborn")
    log.write_bytes(b"x" * (process.LOG_LIMIT + 1))

    process.spawn(stubborn, stubborn.prepare(), stubborn.home).stop()

    assert log.stat().st_size == 0


def test_an_interrupt_from_the_terminal_reaches_the_supervisor_alone(home: Path) -> None:
    with supervisor(*script(INTERRUPTED, str(home))) as (supervising, servers):
        os.killpg(supervising.pid, signal.SIGINT)  # What a terminal does on Ctrl-C.
        told, _ = supervising.communicate(timeout=60)

    assert told.split() == ["None"] * 4
    assert not any(is_running(pid) for pid in servers)
