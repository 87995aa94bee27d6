"""The names of the write-ahead log, and which timeline leads where."""

import pytest

from infra.backup.segments import needed
from infra.backup.wal import SEGMENT_BYTES, Segment, lineage, place

SECOND = "1\t0/5000100\tbefore 2026-01-05 09:12:00+00\n"
THIRD = f"{SECOND}2\t0/7000100\tbefore 2026-01-06 09:12:00+00\n"
THREE_TIMELINES = lineage({"00000002.history": SECOND, "00000003.history": THIRD})


@pytest.mark.parametrize("number", [0, 1, 255, 256, 70_000])
def test_a_segment_is_named_as_postgres_names_it(number: int) -> None:
    name = Segment(2, number).name

    assert Segment.named(name) == Segment(2, number)
    assert Segment.at(2, number * SEGMENT_BYTES + 5) == Segment(2, number)


def test_a_place_is_a_number_of_bytes() -> None:
    assert place("0/3000028") == 3 * SEGMENT_BYTES + 40
    assert place("1/0") == 1 << 32


def test_a_log_that_was_never_restored_has_one_timeline() -> None:
    assert lineage({}).holds(1, place("9/0"))


def test_a_timeline_holds_what_was_before_it_grew_out_of_another() -> None:
    assert THREE_TIMELINES.timeline == 3
    assert THREE_TIMELINES.holds(1, place("0/5000100"))
    assert not THREE_TIMELINES.holds(1, place("0/5000101"))
    assert THREE_TIMELINES.holds(2, place("0/6000000"))
    assert not THREE_TIMELINES.holds(4, place("0/1000000"))


def test_a_restore_needs_the_segments_that_lead_to_the_newest_timeline() -> None:
    names = [Segment(1, n).name for n in range(1, 9)]
    names += [Segment(2, n).name for n in (5, 6, 7, 8)] + [Segment(3, n).name for n in (7, 8)]

    found = needed(THREE_TIMELINES, Segment(1, 3), iter([*names, "00000003.history"]))

    assert [Segment.named(name) for name in found] == [
        *(Segment(1, n) for n in (3, 4, 5)),
        *(Segment(2, n) for n in (5, 6, 7)),
        *(Segment(3, n) for n in (7, 8)),
    ]
