"""Every change of the domain makes another code of it."""

import shutil
from pathlib import Path

import pytest

import domain
from eventstore.snapshots import code
from eventstore.snapshots.code import fingerprint, this_code

HERE = Path(str(domain.__file__)).parent


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(HERE, tmp_path / "domain"))


def test_the_same_sources_are_the_same_code_wherever_they_are(copy: Path) -> None:
    assert fingerprint(copy) == this_code()
    assert len(this_code()) == 32


def test_another_line_makes_another_code(copy: Path) -> None:
    with (copy / "desk" / "tickets" / "state.py").open("a") as source:
        source.write("# changed\n")

    assert fingerprint(copy) != this_code()


def test_another_name_makes_another_code(copy: Path) -> None:
    (copy / "tags.py").rename(copy / "labels.py")

    assert fingerprint(copy) != this_code()


def test_one_module_less_makes_another_code(copy: Path) -> None:
    (copy / "tags.py").unlink()

    assert fingerprint(copy) != this_code()


def test_what_is_no_source_makes_no_difference(copy: Path) -> None:
    (copy / "__pycache__").mkdir(exist_ok=True)
    (copy / "__pycache__" / "tags.cpython-311.pyc").write_bytes(b"compiled")

    assert fingerprint(copy) == this_code()


def test_another_format_makes_another_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code, "FORMAT", code.FORMAT + 1)

    assert fingerprint(HERE) != this_code()
