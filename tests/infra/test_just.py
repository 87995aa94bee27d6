"""A signal to the process that `./just` was started as ends all that it has started."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.infra.processes import family, until

ROOT = Path(__file__).parents[2]
STOP_SECONDS = 20.0

pytestmark = pytest.mark.servers  # the platform starts its own


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The script in a checkout whose tools and environment are there already."""
    (tmp_path / "just").write_bytes((ROOT / "just").read_bytes())
    (tmp_path / "just").chmod(0o755)
    tools = tmp_path / ".tools"
    (tools / "bin").mkdir(parents=True)
    lines = (ROOT / "just").read_text().splitlines()
    versions = [line.split('"')[1] for line in lines if line.startswith(("uv_v", "just_v"))]
    (tools / "versions").write_text(" ".join(versions))
    (tools / "bin" / "just").write_text("#!/bin/sh\n")
    (tools / "bin" / "just").chmod(0o755)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


@pytest.mark.parametrize(
    ("recipe", "number"),
    [(["up", "--no-demo"], signal.SIGINT), (["psa", "up"], signal.SIGTERM)],
)
def test_one_signal_ends_the_whole_platform(
    checkout: Path, recipe: list[str], number: signal.Signals
) -> None:
    port = _free_port()
    # As a script starts it in the background: POSIX has SIGINT ignored there.
    command = ["/bin/sh", "-c", 'trap "" INT; exec ./just "$@"', "sh", *recipe]
    with (checkout / "up.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=checkout, env=_env(port), stdout=log, stderr=log)
    try:
        until(lambda: _answers(port) or process.poll() is not None)
        assert len(family(checkout)) > 5
        process.send_signal(number)

        status = process.wait(STOP_SECONDS)
    finally:
        process.kill()
        process.wait()

    assert status == 0, (checkout / "up.log").read_text()
    assert family(checkout) == {}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_a_platform_that_is_still_starting(
    checkout: Path, number: signal.Signals
) -> None:
    command = ["/bin/sh", "-c", 'trap "" INT; exec ./just up']
    with (checkout / "up.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=checkout, env=_env(_free_port()), stdout=log, stderr=log
        )
    try:
        until((checkout / ".psa" / "run" / "lock").exists)
        process.send_signal(number)

        status = process.wait(STOP_SECONDS)
    finally:
        process.kill()
        process.wait()

    assert status == 128 + number
    assert family(checkout) == {}


def _env(port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PSA_")}
    return {**kept, "PSA_HTTP_PORT": str(port)}


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", timeout=2).is_success
    except httpx.TransportError:
        return False
