"""What holds for the view of every kind of record: its row says what the record says."""

from collections.abc import Iterator
from itertools import accumulate
from typing import Any

import pytest

from domain.base import AggregateRoot, Created
from domain.catalogue import AGGREGATES
from projections.records import plain
from projections.statements import columns_of
from projections.table import VIEWS
from projections.view import View
from tests.given import EXAMPLES, T1, Fact, given
from tests.projections.given import row_of

VIEW_OF = {view.topics[0]: view for view in VIEWS if len(view.topics) == 1}
KINDS = [kind for kind in AGGREGATES if kind.TOPIC in VIEW_OF]
ENVELOPE = {"id", "created_at", "updated_at", "version", "position"}


def lives(kind: type[AggregateRoot]) -> Iterator[tuple[Fact, ...]]:
    """Yield all that may happen to a record, one thing after the other, as far as it went."""
    facts = [fact for fact in EXAMPLES if fact.event_class in vars(kind).values()]
    facts.sort(key=lambda fact: not issubclass(fact.event_class, Created))
    yield from ((*before,) for before in accumulate(((fact,) for fact in facts), _then))


def _then(before: tuple[Fact, ...], more: tuple[Fact, ...]) -> tuple[Fact, ...]:
    return (*before, *more)


every = pytest.mark.parametrize(
    ("kind", "view", "facts"),
    [
        pytest.param(kind, VIEW_OF[kind.TOPIC], facts, id=facts[-1].event_class.TOPIC)
        for kind in KINDS
        for facts in lives(kind)
    ],
)


@every
def test_the_row_says_what_the_record_says(
    kind: type[AggregateRoot], view: View, facts: tuple[Fact, ...]
) -> None:
    record = given(kind, *facts)

    row = row_of(view, *facts)

    shared = [name for name in row if name not in ENVELOPE and hasattr(record, name)]
    # Where the record has an empty text, the row may have null.
    assert {name: row[name] or None for name in shared} == {
        name: said(record, name) or None for name in shared
    }
    assert shared


@every
def test_the_row_says_when_the_record_began_and_changed(
    kind: type[AggregateRoot], view: View, facts: tuple[Fact, ...]
) -> None:
    *before, last = facts
    facts = (*before, last(timestamp=T1)) if before else facts

    row = row_of(view, *facts)

    record = given(kind, *facts)
    assert {name: row[name] for name in ENVELOPE} == {
        "id": record.id,
        "created_at": record.created_on,
        "updated_at": record.modified_on,
        "version": record.version,
        "position": len(facts),
    }
    assert row.keys() == {*columns_of(view.tables[0])}


def said(record: AggregateRoot, name: str) -> Any:
    """Return what the record says, as a row holds it."""
    return plain(getattr(record, name))


def test_every_kind_of_record_has_a_view() -> None:
    assert {kind.TOPIC for kind in AGGREGATES} - VIEW_OF.keys() == {"reservation"}
