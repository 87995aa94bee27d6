"""What a sample is: a command, what was before, and what it leads to."""

from dataclasses import dataclass

from commands.context import Command
from domain.base import AggregateRoot, Created
from domain.catalogue import AGGREGATES
from tests.given import EXAMPLES, Fact

FIRST = {
    kind: fact
    for kind in AGGREGATES
    for fact in EXAMPLES
    if fact.event_class in vars(kind).values() and issubclass(fact.event_class, Created)
}
"""How each kind of record begins."""


@dataclass(frozen=True)
class Sample:
    """A command that is accepted where these facts are given."""

    kind: type[AggregateRoot]
    """The kind of record that the command is about."""
    given: tuple[Fact, ...]
    command: Command
    topics: tuple[str, ...]
    """The events it leads to, the record's own first."""

    @property
    def creates(self) -> bool:
        """Tell whether the command makes a new record."""
        if self.kind not in FIRST:
            msg = f"{self.kind.__name__} is not in domain/catalogue.py, or has no first fact."
            raise LookupError(msg)
        return self.topics[0] == FIRST[self.kind].event_class.TOPIC

    def __str__(self) -> str:
        return type(self.command).__name__
