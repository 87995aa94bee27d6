"""The script that copies a finished file aside: whole or not at all, never over another one."""

import subprocess
import sys
from pathlib import Path

from infra.embedded import archive


def run(source: Path, target: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-I", "-S", archive.__file__, str(source), str(target)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_file_is_copied_and_nothing_else_is_left(tmp_path: Path) -> None:
    source, target = tmp_path / "segment", tmp_path / "spool" / "segment"
    target.parent.mkdir()
    source.write_bytes(b"log" * 1000)

    done = run(source, target)

    assert (done.returncode, done.stderr) == (0, "")
    assert target.read_bytes() == source.read_bytes()
    assert list(target.parent.iterdir()) == [target]


def test_the_same_file_may_come_again(tmp_path: Path) -> None:
    source, target = tmp_path / "segment", tmp_path / "copy"
    source.write_bytes(b"log")

    codes = [run(source, target).returncode for _ in range(2)]

    assert codes == [0, 0]


def test_other_bytes_are_never_overwritten(tmp_path: Path) -> None:
    source, target = tmp_path / "segment", tmp_path / "copy"
    source.write_bytes(b"log")
    target.write_bytes(b"lob")

    done = run(source, target)

    assert done.returncode == 1
    assert "holds other bytes" in done.stderr
    assert target.read_bytes() == b"lob"


def test_a_folder_that_is_not_there_is_a_failure_that_postgres_repeats(tmp_path: Path) -> None:
    source = tmp_path / "segment"
    source.write_bytes(b"log")

    done = run(source, tmp_path / "nowhere" / "segment")

    assert done.returncode == 1
    assert "could not be copied aside" in done.stderr
