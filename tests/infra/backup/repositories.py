"""Repositories of made-up pieces: a write-ahead log of small segments, and one base backup."""

import io
import json
import struct
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from infra.backup.carrying import carry
from infra.backup.repository import BASE, WAL, Backup, Repository
from infra.backup.wal import SEGMENT_BYTES, SYSTEM_AT, Segment

KEY = bytes(range(32))
SYSTEM = 7_711_953_468_023_986_440
FILES = {"PG_VERSION": b"18\n", "base/1/2": bytes(3_000_000), "global/pg_control": b"control"}
AT = datetime(2026, 1, 5, 9, 12, tzinfo=UTC)


def segment(number: int, *, system: int = SYSTEM, filling: bytes = b"w") -> bytes:
    """A segment's first bytes, and what it says."""
    return bytes(SYSTEM_AT) + struct.pack("=Q", system) + filling + str(number).encode()


def name(number: int, timeline: int = 1) -> str:
    return Segment(timeline, number).name


def spool_with(folder: Path, *numbers: int, system: int = SYSTEM, filling: bytes = b"w") -> Path:
    """A folder in which these segments wait."""
    folder.mkdir(exist_ok=True)
    for number in numbers:
        content = segment(number, system=system, filling=filling)
        (folder / name(number)).write_bytes(content)
    return folder


def repository(folder: Path, key: bytes = KEY) -> Repository:
    return Repository(folder / "backups" / "log", "log", key)


def base(*, start: int, files: dict[str, bytes] = FILES) -> Iterator[bytes]:
    """A base backup as `pg_basebackup` streams it."""
    manifest = {
        "System-Identifier": SYSTEM,
        "Files": [
            {"Path": path, "Size": len(content), "Checksum": sha256(content).hexdigest()}
            for path, content in FILES.items()
        ],
        "WAL-Ranges": [{"Timeline": 1, "Start-LSN": lsn(start), "End-LSN": lsn(start)}],
    }
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, content in {**files, "backup_manifest": json.dumps(manifest).encode()}.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    yield buffer.getvalue()


def lsn(number: int) -> str:
    place = number * SEGMENT_BYTES + 40
    return f"{place >> 32:X}/{place & 0xFFFFFFFF:X}"


def back_up(repository: Repository, number: int, *, start: int) -> Backup:
    """Put in the base backup of this number, which needs the segment `start`."""
    backup = Backup(
        id=f"backup-{number}",
        cluster="log",
        system=SYSTEM,
        started_at=AT + timedelta(hours=number),
        finished_at=AT + timedelta(hours=number, seconds=5),
        timeline=1,
        start=lsn(start),
        stop=lsn(start),
        size=3_000_000,
        stored=0,
    )
    repository.put(f"{BASE}/{backup.id}", base(start=start))
    repository.remember(backup)
    return backup


def whole(folder: Path) -> Repository:
    """A repository with segments 1 to 5 and a base backup that needs those from 2 on."""
    made = repository(folder)
    carry(spool_with(folder / "spool", 1, 2, 3, 4, 5), made)
    back_up(made, 1, start=2)
    return made


def piece(repository: Repository, number: int) -> Path:
    """The file of a segment."""
    return repository.folder / WAL / name(number)
