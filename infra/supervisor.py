"""Keeps the platform's processes running: starts, watches, restarts and stops them."""

import asyncio
import os
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO

import structlog

from eventstore.rests import rest
from infra.stopping import LIFELINE

log = structlog.get_logger()

STOP_SECONDS = 15.0
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 10.0
SETTLED_SECONDS = 30.0
"""A process that lived this long starts again at once when it ends."""


class Supervisor:
    """Runs each command in a process of its own until it is told to stop."""

    def __init__(
        self,
        commands: Mapping[str, Sequence[str]],
        *,
        logs: Path | None,
        env: Mapping[str, str],
        inherited: Sequence[int] = (),
        in_order: bool = True,
    ) -> None:
        """Plan the processes; each logs to a file of its own in `logs`, or where this one does.

        They inherit the given descriptors, and end one after the other, or at once.
        """
        self._commands = commands
        self._logs = logs
        self._env = env
        self._inherited = tuple(inherited)
        self._in_order = in_order
        self._stopping = {name: asyncio.Event() for name in commands}

    async def run(self, stop: asyncio.Event) -> None:
        """Keep all processes running until `stop` is set, then end them, the last one first."""
        read_end, write_end = os.pipe()
        try:
            tasks = {
                name: asyncio.create_task(self._keep(name, command, read_end))
                for name, command in self._commands.items()
            }
            await stop.wait()
            for name in reversed(tasks):
                self._stopping[name].set()
                if self._in_order:
                    await tasks[name]
            await asyncio.gather(*tasks.values())
        finally:
            os.close(write_end)
            os.close(read_end)

    async def _keep(self, name: str, command: Sequence[str], lifeline: int) -> None:
        stopping = self._stopping[name]
        pause = FIRST_PAUSE
        while not stopping.is_set():
            begun = time.monotonic()
            status = await self._run(name, command, lifeline)
            if stopping.is_set():
                return
            pause = FIRST_PAUSE if time.monotonic() - begun > SETTLED_SECONDS else pause
            log.warning("process_ended", process=name, status=status, pause=pause)
            await rest(stopping, pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _run(self, name: str, command: Sequence[str], lifeline: int) -> int | None:
        """Run the process once, at most until it has to stop, and return its exit status."""
        try:
            process = await self._spawn(name, command, lifeline)
        except OSError as error:
            # A full disk or too many processes may pass: the others go on meanwhile.
            log.warning("process_not_started", process=name, error=type(error).__name__)
            return None
        ended = asyncio.create_task(process.wait())
        stopped = asyncio.create_task(self._stopping[name].wait())
        await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        await _end(process)
        return await ended

    async def _spawn(
        self, name: str, command: Sequence[str], lifeline: int
    ) -> asyncio.subprocess.Process:
        with self._output(name) as output:
            return await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**self._env, LIFELINE: str(lifeline)},
                pass_fds=(lifeline, *self._inherited),
                # A Ctrl-C in the terminal reaches the supervisor only, which stops them in order.
                start_new_session=True,
            )

    def _output(self, name: str) -> AbstractContextManager[IO[bytes] | None]:
        if self._logs is None:
            return nullcontext()
        return (self._logs / f"{name}.log").open("ab")


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
