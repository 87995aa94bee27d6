"""What becomes of the views when a person is erased and they are folded anew."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest

from domain.base import Event
from domain.personal import REDACTED
from eventstore.mapper import encode
from eventstore.personal.parts import Part, with_parts
from eventstore.records import Recorded
from projections.running.worker import Worker
from projections.table import VIEWS
from projections.view import View
from tests.conftest import Database
from tests.given import EXAMPLES
from tests.projections.given import Pages, events, record, stored


def erased(event: Event, position: int) -> Recorded:
    """Return an event as it is read once its people are erased."""
    new = encode(event)
    parts = [Part(told.fields, b"") for told in new.personal]
    row = msgspec.structs.replace(
        record(event, position), state=with_parts(new.state, parts) if parts else new.state
    )
    return msgspec.structs.replace(row, opened=(None,) * len(parts) if parts else None)


def texts_in(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from texts_in(item)
        case list() | tuple():
            for item in value:
                yield from texts_in(item)


def personal_texts() -> set[str]:
    """Return what the examples tell of people, where it is long enough to be found again."""
    told = (part for event in events(*EXAMPLES) for part in encode(event).personal)
    texts = {text for part in told for text in texts_in(msgspec.json.decode(part.text))}
    return {text for text in texts if len(text) > 4}


@pytest.fixture
def log() -> Sequence[Recorded]:
    return [erased(event, n) for n, event in enumerate(events(*EXAMPLES), 1)]


@pytest.mark.parametrize("view", VIEWS, ids=[view.name for view in VIEWS])
async def test_no_view_holds_what_was_erased(
    views: Database, log: Sequence[Recorded], view: View
) -> None:
    feed = Pages(log)

    await Worker([view], views.url, feed).run(feed.stop)

    rows = [row for table in view.tables for row in stored(views.url, table)]
    found = {text for row in rows for text in texts_in(list(row.values()))}
    assert not {told for told in personal_texts() for text in found if told in text}
    assert rows


async def test_what_was_erased_reads_as_such(views: Database, log: Sequence[Recorded]) -> None:
    for view in VIEWS:
        feed = Pages(log)
        await Worker([view], views.url, feed).run(feed.stop)

    for name in ("contacts", "customers", "users", "locations", "tickets", "interactions"):
        view = next(view for view in VIEWS if view.name == name)
        (row, *_) = stored(views.url, view.tables[0])
        assert REDACTED in row.values(), name
