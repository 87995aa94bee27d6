"""The names of the write-ahead log: segments, timelines, and what was before a timeline."""

import re
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple, Self

SEGMENT_BYTES: Final = 16 << 20
PER_LOG: Final = (1 << 32) // SEGMENT_BYTES
SEGMENT: Final = re.compile(r"[0-9A-F]{24}")
HISTORY: Final = re.compile(r"[0-9A-F]{8}\.history")
ARCHIVED: Final = re.compile(r"[0-9A-F]{24}(\.partial|\.[0-9A-F]{8}\.backup)?|[0-9A-F]{8}\.history")
"""Every file that PostgreSQL archives."""
BRANCH: Final = re.compile(r"^(\d+)\t([0-9A-F]+/[0-9A-F]+)", re.MULTILINE)
SYSTEM_AT: Final = 24
"""Where the first page of a segment says which cluster wrote it (XLogLongPageHeaderData)."""


class Segment(NamedTuple):
    """A segment of the write-ahead log: its timeline, and how many are before it."""

    timeline: int
    number: int

    @classmethod
    def named(cls, name: str) -> Self:
        """Return the segment of a file's name."""
        log, part = int(name[8:16], 16), int(name[16:24], 16)
        return cls(int(name[:8], 16), log * PER_LOG + part)

    @classmethod
    def at(cls, timeline: int, place: int) -> Self:
        """Return the segment that holds this byte of a timeline."""
        return cls(timeline, place // SEGMENT_BYTES)

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{self.timeline:08X}{self.number // PER_LOG:08X}{self.number % PER_LOG:08X}"


def place(lsn: str) -> int:
    """Return the byte that a log sequence number such as `0/3000028` names."""
    high, _, low = lsn.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def system_of(segment: Path) -> int:
    """Return the identifier of the cluster that wrote a segment."""
    with segment.open("rb") as file:
        head = file.read(SYSTEM_AT + 8)
    return int(struct.unpack_from("=Q", head, SYSTEM_AT)[0])


def system_in(data: Path) -> int:
    """Return the identifier of the cluster in a data folder."""
    with (data / "global" / "pg_control").open("rb") as file:
        return int(struct.unpack("=Q", file.read(8))[0])


class Lineage(NamedTuple):
    """A timeline with those that it grew out of, and where each of these was left."""

    timeline: int
    left_at: Mapping[int, int]

    def holds(self, timeline: int, place: int) -> bool:
        """Tell whether this byte of that timeline is a part of the past of this one."""
        return timeline == self.timeline or place <= self.left_at.get(timeline, -1)

    def segment(self, number: int) -> Segment:
        """Return the segment with this number that this timeline continues or goes on with."""
        for timeline, left in sorted(self.left_at.items()):
            if number < left // SEGMENT_BYTES:
                return Segment(timeline, number)
        return Segment(self.timeline, number)


def lineage(histories: Mapping[str, str]) -> Lineage:
    """Return the newest timeline of these history files, given by name; the first without any."""
    if not histories:
        return Lineage(1, {})
    newest = max(histories)
    left = {int(timeline): place(lsn) for timeline, lsn in BRANCH.findall(histories[newest])}
    return Lineage(int(newest[:8], 16), left)
