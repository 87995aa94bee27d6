"""The supervisor keeps processes running, ends them in time, and leaves none behind."""

import asyncio
import os
import signal
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from infra import supervisor
from infra.supervisor import Supervisor

ROOT = Path(__file__).parents[2]
PATIENT = """
import asyncio, os, pathlib, sys
from infra.stopping import stop_event

async def main():
    stop = stop_event()
    with open(sys.argv[1], "a") as file:
        file.write(f"{os.getpid()}\\n")
    await stop.wait()
    with open(sys.argv[1] + ".ended", "a") as file:
        file.write(f"{pathlib.Path(sys.argv[1]).name}\\n")

asyncio.run(main())
"""
STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
with open(sys.argv[1], "a") as file:
    file.write(f"{os.getpid()}\\n")
while True:
    time.sleep(60)
"""
HASTY = """
import os, sys
with open(sys.argv[1], "a") as file:
    file.write(f"{os.getpid()}\\n")
"""


def _command(program: str, pids: Path) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(program), str(pids)]


def _env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def _pids(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


async def _until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not reached():  # noqa: ASYNC110 - what is waited for is another process
            await asyncio.sleep(0.02)


@asynccontextmanager
async def _supervised(commands: Mapping[str, list[str]], logs: Path) -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = asyncio.create_task(Supervisor(commands, logs=logs, env=_env()).run(stop))
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(30):
            await running


async def test_a_process_that_is_killed_is_started_again(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    async with _supervised({"one": _command(PATIENT, pids)}, tmp_path):
        await _until(lambda: len(_pids(pids)) == 1)
        os.kill(_pids(pids)[0], signal.SIGKILL)

        await _until(lambda: len(_pids(pids)) == 2)

    assert not any(map(_lives, _pids(pids)))


async def test_a_process_that_ends_at_once_is_started_less_and_less_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    async def rest(stopping: asyncio.Event, seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0)

    monkeypatch.setattr(supervisor, "rest", rest)
    async with _supervised({"one": _command(HASTY, tmp_path / "pids")}, tmp_path):
        await _until(lambda: len(pauses) >= 4)

    assert pauses[:4] == [0.2, 0.4, 0.8, 1.6]


async def test_a_process_that_can_not_be_started_does_not_stop_the_others(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    commands = {"none": [str(tmp_path / "nothing")], "one": _command(PATIENT, pids)}
    async with _supervised(commands, tmp_path):
        await _until(lambda: len(_pids(pids)) == 1)
        os.kill(_pids(pids)[0], signal.SIGKILL)

        await _until(lambda: len(_pids(pids)) == 2)

    assert not any(map(_lives, _pids(pids)))


async def test_processes_end_in_reverse_order(tmp_path: Path) -> None:
    names = ["relay", "project", "serve"]
    ended = tmp_path / "order"
    program = PATIENT.replace('sys.argv[1] + ".ended"', repr(str(ended)))
    commands = {name: _command(program, tmp_path / name) for name in names}
    async with _supervised(commands, tmp_path):
        await _until(lambda: all(_pids(tmp_path / name) for name in names))

    assert ended.read_text().split() == ["serve", "project", "relay"]


async def test_a_process_that_does_not_listen_is_killed_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.2)
    pids = tmp_path / "pids"
    begun = 0.0
    async with _supervised({"one": _command(STUBBORN, pids)}, tmp_path):
        await _until(lambda: len(_pids(pids)) == 1)
        begun = time.monotonic()

    assert time.monotonic() - begun < 5
    assert not _lives(_pids(pids)[0])


async def test_processes_write_to_logs_of_their_own(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('out', flush=True); raise SystemExit('err')"]
    log = tmp_path / "one.log"
    async with _supervised({"one": command}, tmp_path):
        await _until(lambda: log.exists() and "err" in log.read_text())

    assert "out" in log.read_text()


async def test_processes_end_with_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    program = f"""
        import asyncio, os, pathlib
        from infra.supervisor import Supervisor

        async def main():
            command = {_command(PATIENT, pids)!r}
            logs = pathlib.Path({str(tmp_path)!r})
            await Supervisor({{"one": command}}, logs=logs, env=os.environ).run(asyncio.Event())

        asyncio.run(main())
    """
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", textwrap.dedent(program), env=_env()
    )
    try:
        await _until(lambda: len(_pids(pids)) == 1)
        parent.kill()
        await parent.wait()

        await _until(lambda: not _lives(_pids(pids)[0]))
    finally:
        for pid in _pids(pids):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    assert (tmp_path / "pids.ended").read_text().split() == ["pids"]
