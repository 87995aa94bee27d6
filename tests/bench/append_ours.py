"""Our side: appenders in this process, beside the sealer, or in several processes.

`python -m tests.bench.append_ours URL SECONDS IN_FLIGHT FILE` is one of several: it says when it is
ready, begins when it is told to, and leaves its turn in a file.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec
import uvloop

from eventstore.appender import Appender
from infra.embedded import Urls
from tests.bench import beside
from tests.bench.append_facts import Clock, Turn, a_command


def ours(url: str, seconds: float, in_flight: int) -> Turn:
    """Keep so many commands in flight through one appender."""
    return _run(url, seconds, in_flight, wait=False)


def sealed(urls: Urls, home: Path, behind: list[float], seconds: float, in_flight: int) -> Turn:
    """Do the same while the log is sealed, and note how far behind the seals were."""
    with beside.sealer(urls, home, behind):
        return ours(urls.postgres, seconds, in_flight)


def in_processes(url: str, seconds: float, in_flight: int, count: int = 2) -> Turn:
    """Do the same in several processes that share what is in flight."""
    with tempfile.TemporaryDirectory(prefix="psa-bench-") as folder:
        files = [Path(folder) / str(number) for number in range(count)]
        command = [sys.executable, "-m", __name__, url, str(seconds), str(in_flight // count)]
        processes = [
            subprocess.Popen(
                [*command, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            for file in files
        ]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        _begin(processes)
        turns = [msgspec.json.decode(file.read_bytes(), type=Turn) for file in files]
    return Turn(
        sum(turn.events for turn in turns),
        [taken for turn in turns for taken in turn.taken],
        sum(turn.commits for turn in turns),
    )


def _begin(processes: "list[subprocess.Popen[str]]") -> None:
    """Let all of them begin, and wait until they are done."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate()
        assert process.returncode == 0


def _run(url: str, seconds: float, in_flight: int, *, wait: bool) -> Turn:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_append_for_a_while(url, seconds, in_flight, wait=wait))


async def _append_for_a_while(url: str, seconds: float, in_flight: int, *, wait: bool) -> Turn:
    rings: list[int] = []
    async with Appender(url, doorbell=rings.append) as appender:
        await appender.append(a_command())
        if wait:
            print("ready", flush=True)
            sys.stdin.readline()
        rings.clear()
        clock = Clock(seconds)

        async def client() -> None:
            while (start := time.perf_counter()) < clock.end:
                await appender.append(a_command())
                clock.note(start)

        await asyncio.gather(*(client() for _ in range(in_flight)))
    return Turn(len(clock.taken), clock.taken, len(rings))


if __name__ == "__main__":
    url, seconds, in_flight, file = sys.argv[1:]
    turn = _run(url, float(seconds), int(in_flight), wait=True)
    Path(file).write_bytes(msgspec.json.encode(turn))
