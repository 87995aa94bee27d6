"""What is put into a repository stays there, and whatever is wrong with it is found."""

from collections.abc import Callable
from pathlib import Path

import pytest

from infra.backup import checking
from infra.backup.carrying import carry
from infra.backup.checking import verify
from infra.backup.errors import BackupError, BackupKeyMissing
from infra.backup.keys import BackupKeys
from infra.backup.pruning import prune
from infra.backup.repository import BASE, WAL, Repository
from tests.infra.backup.repositories import (
    FILES,
    back_up,
    base,
    name,
    piece,
    repository,
    segment,
    spool_with,
    whole,
)


def problems(repository: Repository) -> list[str]:
    return verify(repository, lambda _, __: None)


def test_a_repository_as_it_was_made_has_no_problems(tmp_path: Path) -> None:
    made = whole(tmp_path)

    assert problems(made) == []


def test_what_was_carried_waits_no_more_and_comes_out_as_it_was(tmp_path: Path) -> None:
    spool = spool_with(tmp_path / "spool", 1, 2)
    made = repository(tmp_path)

    assert carry(spool, made) == 2

    assert list(spool.iterdir()) == []
    assert b"".join(made.get(f"{WAL}/{name(2)}")) == segment(2)


def test_nothing_in_a_repository_is_in_plain(tmp_path: Path) -> None:
    spool = spool_with(tmp_path / "spool", 1, filling=b"Anna Berger")
    made = repository(tmp_path)

    carry(spool, made)

    for path in made.folder.rglob("*"):
        assert path.is_dir() or b"Berger" not in path.read_bytes()


def test_a_segment_that_comes_again_after_a_kill_is_taken_for_the_same(tmp_path: Path) -> None:
    made = whole(tmp_path)
    before = piece(made, 3).read_bytes()

    carry(spool_with(tmp_path / "spool", 3), made)

    assert piece(made, 3).read_bytes() == before
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_segment_with_other_bytes_replaces_none_and_goes_on_waiting(tmp_path: Path) -> None:
    made = whole(tmp_path)
    spool = spool_with(tmp_path / "spool", 3, filling=b"other")

    with pytest.raises(BackupError, match="two servers write the same log"):
        carry(spool, made)

    assert b"".join(made.get(f"{WAL}/{name(3)}")) == segment(3)
    assert [path.name for path in spool.iterdir()] == [name(3)]


def test_another_database_does_not_get_into_a_repository(tmp_path: Path) -> None:
    made = whole(tmp_path)

    with pytest.raises(BackupError, match="the backups of another database"):
        carry(spool_with(tmp_path / "spool", 6, system=5), made)


def test_a_piece_of_which_the_ledger_has_half_a_line_is_put_in_again(tmp_path: Path) -> None:
    made = whole(tmp_path)
    ledger = made.folder / "ledger.jsonl"
    ledger.write_bytes(ledger.read_bytes()[:-20])

    back_up(made, 1, start=2)

    assert problems(made) == []


Damage = Callable[[Repository], object]


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def stray(repository: Repository) -> None:
    piece(repository, 9).write_bytes(b"")


def swap(repository: Repository) -> None:
    three, four = piece(repository, 3), piece(repository, 4)
    content = three.read_bytes()
    three.write_bytes(four.read_bytes())
    four.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (lambda made: flip(piece(made, 3)), f"wal/{name(3)} is damaged"),
        (lambda made: cut(piece(made, 3)), f"wal/{name(3)} is damaged: it has"),
        (lambda made: piece(made, 5).unlink(), f"wal/{name(5)} is missing"),
        (lambda made: flip(made.folder / BASE / "backup-1"), "base/backup-1 is damaged"),
        (lambda made: (made.folder / BASE / "backup-1").unlink(), "base/backup-1 is missing"),
        (lambda made: cut(made.folder / BASE / "backup-1.json"), "backup-1.json is damaged"),
        (lambda made: made.remove([f"{WAL}/{name(2)}"]), "can not be restored without it"),
        (lambda made: made.remove([f"{WAL}/{name(4)}"]), "no restore gets past it"),
        (swap, "is damaged"),
        (stray, "is not in the ledger"),
        (
            lambda made: (made.folder / "ledger.jsonl").write_bytes(b"{}\n{}\n"),
            "ledger.jsonl is damaged in line 1",
        ),
    ],
    ids=[
        "flipped segment",
        "cut segment",
        "missing segment",
        "flipped base",
        "missing base",
        "description of a base",
        "needed segment",
        "gap",
        "swapped segments",
        "stray file",
        "ledger",
    ],
)
def test_damage_is_found_and_named(tmp_path: Path, damage: Damage, found: str) -> None:
    made = whole(tmp_path)

    damage(made)

    told = problems(made)
    assert told
    assert found in told[0]


def test_a_base_backup_that_is_not_as_its_manifest_says_is_found(tmp_path: Path) -> None:
    made = whole(tmp_path)

    made.put(f"{BASE}/backup-1", base(start=2, files={**FILES, "PG_VERSION": b"17\n"}))

    assert problems(made) == ["base/backup-1 is damaged: PG_VERSION is not as its manifest says."]


def test_where_there_is_no_backup_nothing_is_well(tmp_path: Path) -> None:
    made = repository(tmp_path)

    assert problems(made) == [f"There is no base backup in {made.folder}."]


def test_without_its_key_a_repository_can_not_be_checked(tmp_path: Path) -> None:
    whole(tmp_path)

    with pytest.raises(BackupKeyMissing, match="another key"):
        problems(repository(tmp_path, key=bytes(32)))


def test_pruning_keeps_the_newest_and_all_that_they_need(tmp_path: Path) -> None:
    made = whole(tmp_path)
    back_up(made, 2, start=3)
    back_up(made, 3, start=4)

    gone = prune(made, 2)

    assert [backup.id for backup in gone] == ["backup-1"]
    assert not piece(made, 2).exists()
    assert piece(made, 3).exists()
    assert problems(made) == []


def test_pruning_keeps_one_backup_at_least(tmp_path: Path) -> None:
    made = whole(tmp_path)

    assert prune(made, 0) == []


def test_pruning_takes_away_what_a_killed_backup_left(tmp_path: Path) -> None:
    made = whole(tmp_path)
    made.put(f"{BASE}/backup-0", iter([b"half"]))

    prune(made, 4)

    assert not made.has(f"{BASE}/backup-0")
    assert problems(made) == []


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    keys = BackupKeys(tmp_path)

    first = keys.made("log")

    assert keys.made("log") == keys.of("log") == first
    assert keys.path("log").stat().st_mode & 0o777 == 0o600
    assert keys.made("keys") != first


def test_a_key_that_is_not_there_is_named_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(BackupKeyMissing, match=r"keys/backup/log\.key: bring the file back"):
        BackupKeys(tmp_path).of("log")


def test_a_damaged_key_is_never_replaced(tmp_path: Path) -> None:
    keys = BackupKeys(tmp_path)
    keys.made("log")
    keys.path("log").write_text("psa-backup-key/1 00\n")

    with pytest.raises(BackupKeyMissing):
        keys.made("log")


def test_reading_tells_how_far_it_has_come(tmp_path: Path) -> None:
    shown: list[tuple[int, int]] = []

    checking.verify(whole(tmp_path), lambda done, of: shown.append((done, of)))

    assert shown[-1][0] == shown[-1][1]
    assert len(shown) == 6
