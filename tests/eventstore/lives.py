"""Records as their examples make them."""

from collections.abc import Iterable

from domain.base import AggregateRoot, Created
from tests.given import EXAMPLES, given


def lives(kind: type[AggregateRoot]) -> Iterable[AggregateRoot]:
    """Return the record after its first event, and after each other one that may follow."""
    facts = [fact for fact in EXAMPLES if fact.event_class in vars(kind).values()]
    first = next(fact for fact in facts if issubclass(fact.event_class, Created))
    yield given(kind, first)
    for fact in facts:
        if fact is not first:
            yield given(kind, first, fact)
