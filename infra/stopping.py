"""When a process has to stop: on SIGTERM, on Ctrl-C, or when its supervisor is gone."""

import asyncio
import os
import signal
import sys
from types import FrameType

LIFELINE = "PSA_LIFELINE"
"""Number of a pipe's read end that the supervisor's death closes."""


def end_on_signals() -> None:
    """Let SIGTERM and SIGINT end this process by way of its clean-up, until `stop_event` listens.

    Also where a shell script that started it in the background had SIGINT ignored.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)


def _end(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)


def stop_event() -> asyncio.Event:
    """Return the event that tells the running loop's process to stop, once it has to."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if (lifeline := os.environ.get(LIFELINE)) is not None:
        # Nothing is ever written: the pipe becomes readable when its other end is closed,
        # which the kernel does even for a supervisor that was killed.
        descriptor = int(lifeline)

        def cut() -> None:
            loop.remove_reader(descriptor)
            stop.set()

        loop.add_reader(descriptor, cut)
    return stop
