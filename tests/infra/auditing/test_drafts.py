"""A package stands at its place whole, or not at all."""

import errno
import hashlib
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.auditing.drafts import SUMS, Draft, Unwritable, _is_ours, drafting


def fill(draft: Draft) -> None:
    draft.write("index.xml", "<DataSet/>")
    with draft.file("proofs/one.json") as file:
        file.write(b"{")
        file.write(b"}")


def make(target: Path, last: Callable[[], object] = lambda: None, *, zipped: bool = False) -> None:
    """Make a package; `last` happens before it is whole."""
    with drafting(target, zipped=zipped) as draft:
        fill(draft)
        last()


def fail(error: Exception) -> Callable[[], object]:
    def failing() -> None:
        raise error

    return failing


def names(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


def test_every_file_has_its_line_among_the_sums(tmp_path: Path) -> None:
    make(tmp_path / "audit")

    assert names(tmp_path) == ["audit/SHA256SUMS", "audit/index.xml", "audit/proofs/one.json"]
    assert (tmp_path / "audit" / SUMS).read_text() == (
        f"{hashlib.sha256(b'<DataSet/>').hexdigest()}  index.xml\n"
        f"{hashlib.sha256(b'{}').hexdigest()}  proofs/one.json\n"
    )


def test_what_tells_of_people_is_for_its_owner_only(tmp_path: Path) -> None:
    for name, zipped in (("audit", False), ("audit.zip", True)):
        make(tmp_path / name, zipped=zipped)

        assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_an_archive_has_the_same_files_and_is_the_same_each_time(tmp_path: Path) -> None:
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        make(tmp_path / name / "audit.zip", zipped=True)
        made.append(tmp_path / name / "audit.zip")

    assert made[0].read_bytes() == made[1].read_bytes()
    assert names(tmp_path / "one") == ["audit.zip"]
    with zipfile.ZipFile(made[0]) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "audit/SHA256SUMS",
            "audit/index.xml",
            "audit/proofs/one.json",
        ]


def test_nobody_sees_it_before_it_is_whole(tmp_path: Path) -> None:
    with drafting(tmp_path / "audit", zipped=False) as draft:
        fill(draft)

        assert not (tmp_path / "audit").exists()


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        make(tmp_path / "audit", fail(ZeroDivisionError()))

    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_export_has_left_is_cleared(tmp_path: Path) -> None:
    left = tmp_path / ".audit.part" / "audit" / "proofs"
    left.mkdir(parents=True)
    (left / "half.json").write_text("{")
    (tmp_path / ".audit.part" / "package.zip").write_text("PK")

    make(tmp_path / "audit")

    assert names(tmp_path) == ["audit/SHA256SUMS", "audit/index.xml", "audit/proofs/one.json"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "audit").mkdir()

    make(tmp_path / "audit")

    assert (tmp_path / "audit" / SUMS).exists()


@pytest.mark.parametrize("zipped", [False, True])
def test_what_is_there_is_not_touched(tmp_path: Path, zipped: bool) -> None:
    target = tmp_path / "audit"
    target.mkdir()
    (target / "mine").write_text("kept")

    with pytest.raises(Unwritable, match="is there already: take it away"):
        make(target, zipped=zipped)

    assert names(tmp_path) == ["audit/mine"]


def test_what_came_there_meanwhile_is_not_touched(tmp_path: Path) -> None:
    target = tmp_path / "audit.zip"

    with pytest.raises(Unwritable, match="is there already"):
        make(target, lambda: target.write_text("somebody else's"), zipped=True)

    assert target.read_text() == "somebody else's"


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(Unwritable, match="There is no folder"):
        make(tmp_path / "gone" / "audit")


def test_two_exports_to_one_place_do_not_mix(tmp_path: Path) -> None:
    with drafting(tmp_path / "audit", zipped=False) as draft:
        fill(draft)
        with pytest.raises(Unwritable, match="Another export writes to"):
            make(tmp_path / "audit")

    assert (tmp_path / "audit" / "index.xml").exists()


def test_the_lock_on_a_folder_that_was_taken_away_is_none(tmp_path: Path) -> None:
    folder = tmp_path / ".audit.part"
    folder.mkdir()
    descriptor = os.open(folder, os.O_RDONLY)
    folder.rename(tmp_path / "audit")  # What who held it has done.

    assert not _is_ours(descriptor, folder)

    folder.mkdir()
    assert not _is_ours(descriptor, folder)
    os.close(descriptor)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_said_with_the_way_out(tmp_path: Path, number: int) -> None:
    with pytest.raises(Unwritable, match="There is no room for the package in"):
        make(tmp_path / "audit", fail(OSError(number, os.strerror(number))))

    assert list(tmp_path.iterdir()) == []


def test_what_else_fails_on_a_disk_is_said_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(PermissionError):
        make(tmp_path / "audit", fail(PermissionError(errno.EACCES, "Permission denied")))
