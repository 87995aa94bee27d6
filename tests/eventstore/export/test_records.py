"""Records are followed through the log in bounded memory, also where it was tampered with."""

from collections.abc import Sequence

import msgspec

from eventstore.export.records import Records, Told
from eventstore.mapper import decode
from eventstore.records import Recorded
from tests.eventstore.export.given import MemoryLog
from tests.given import (
    contact_added,
    contact_changed,
    customer_moved,
    customer_registered,
    customer_renamed,
    group_formed,
)
from tests.projections.given import history

KINDS = ("customer", "contact", "group")
EVENTS = history(
    customer_registered,
    contact_added,
    customer_renamed,
    group_formed,
    contact_changed,
    customer_moved,
)


async def follow(
    events: Sequence[Recorded], pages: Sequence[Sequence[Recorded]], *, room: int = 100
) -> tuple[list[Told], MemoryLog]:
    """What each event of the pages means, with a log that holds all events."""
    log = MemoryLog(events)
    records = Records(log, KINDS, room=room, step=1)
    told = []
    for page in pages:
        await records.begin(page)
        told += [records.follow(each, decode(each)) for each in page]
    return told, log


async def test_what_is_not_kept_is_read_again_and_told_the_same() -> None:
    whole, log = await follow(EVENTS, [EVENTS])

    cramped, asked = await follow(EVENTS, [[each] for each in EVENTS], room=0)

    assert cramped == whole
    assert (log.asked, asked.asked) == (0, 1 + 1 + 2)


async def test_a_part_of_the_log_goes_on_with_what_was_before_it() -> None:
    whole, _ = await follow(EVENTS, [EVENTS])

    part, _ = await follow(EVENTS, [EVENTS[2:]])

    assert part == whole[2:]
    assert [change.before for change in part[0].changes] == ["Acme Werke GmbH"]


async def test_a_record_that_misses_an_event_is_not_told_and_others_are() -> None:
    left = [each for each in EVENTS if each.position != 3]

    told, _ = await follow(left, [left])

    assert [bool(each.trouble) for each in told] == [False, False, False, False, True]
    assert told[-1].changes == ()
    assert str(EVENTS[0].stream_id) in told[-1].trouble


async def test_an_unreadable_event_before_the_part_is_told_of_the_record() -> None:
    spoilt = [msgspec.structs.replace(EVENTS[0], state=b"{}"), *EVENTS[1:]]

    told, _ = await follow(spoilt, [EVENTS[2:]])

    assert [bool(each.trouble) for each in told] == [True, False, False, True]


async def test_who_goes_on_without_what_was_unreadable_is_told_as_well() -> None:
    records = Records(MemoryLog(EVENTS), KINDS)
    await records.begin(EVENTS)

    unreadable = records.follow(EVENTS[0], None)
    after = records.follow(EVENTS[2], decode(EVENTS[2]))

    assert unreadable.trouble
    assert after.trouble
