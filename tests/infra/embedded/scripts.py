"""Python run in processes of its own: as supervisors that die, and as other users."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.embedded import launch

ROOT = Path(__file__).parents[3]

START = """
import sys, time
from pathlib import Path
from infra.embedded import Stack

stack = Stack(Path(sys.argv[1]), external={}, durable=False)
urls = stack.start()
print(*(service.process.pid for service in stack.services()), flush=True)
"""
SUPERVISE = START + "time.sleep(600)\n"


def script(code: str, *arguments: str) -> list[str]:
    """Return the command line that runs the code with our modules at hand."""
    return [
        sys.executable,
        "-c",
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}",
        *arguments,
    ]


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120, cwd="/"
    )


@contextmanager
def supervisor(*command: str) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """Start a supervisor and give it with the pids of its servers once they answer."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, [int(pid) for pid in process.stdout.readline().split()]
        finally:
            process.kill()


def is_running(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    return launch.mark(pid) is not None


def end_servers(home: Path) -> None:
    """Kill what a test that failed left running in this home."""
    for file in (home / "run").glob("*.pid"):
        pid, _, mark = file.read_text().partition(" ")
        if launch.mark(int(pid)) == mark:
            os.kill(int(pid), signal.SIGKILL)


def until(condition: Callable[[], bool], seconds: float = 30) -> bool:
    """Wait for the condition; False when it does not come about in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


# Root with every id mapped, in a namespace below which no further ones are allowed: what a
# container that forbids user namespaces looks like from the inside.
WITHOUT_NAMESPACES = """
import ctypes, os, sys
from pathlib import Path

ready, go = os.pipe(), os.pipe()
child = os.fork()
if child == 0:
    assert ctypes.CDLL(None).unshare(0x10000000) == 0
    os.write(ready[1], b"!")
    os.read(go[0], 1)
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    os.execv(sys.argv[1], sys.argv[1:])
os.read(ready[0], 1)
for kind in ("uid_map", "gid_map"):
    Path(f"/proc/{child}/{kind}").write_text("0 0 65536")
os.write(go[1], b"!")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
