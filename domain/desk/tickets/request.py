"""What was asked: the ticket's texts, who asked, and how much it matters."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from domain.base import Change
from domain.desk.priorities import Level, Priority, priority_of
from domain.desk.tickets.sources import Source
from domain.desk.tickets.state import TEXT_LIMIT, TicketState
from domain.errors import Invalid
from domain.rules import Line, Text, limit_text, optional_email, require_text
from domain.values import Requester

TITLE_LIMIT = 200
TAG_LIMIT = 20


class TooManyTags(Invalid):
    """A ticket has at most {limit} tags."""

    field = "tags"


def checked_tags(name: str, tags: Iterable[str]) -> tuple[str, ...]:
    """Return the tags in lower case, sorted, once each; raises `TooManyTags` and `TextMissing`."""
    checked = sorted({require_text(name, tag, limit=50).lower() for tag in tags})
    if len(checked) > TAG_LIMIT:
        raise TooManyTags(limit=TAG_LIMIT)
    return tuple(checked)


def checked_requester(name: str, requester: Requester) -> Requester:
    """Return who asked without surrounding blanks; raises `TextTooLong` and `EmailInvalid`."""
    return Requester(
        name=limit_text(f"{name}.name", requester.name, limit=200),
        email=optional_email(f"{name}.email", requester.email),
        phone=limit_text(f"{name}.phone", requester.phone, limit=50),
    )


Title = Annotated[str, Line(TITLE_LIMIT)]
Description = Annotated[str, Text(TEXT_LIMIT)]
Category = Annotated[str, Text(100)]
Tags = Annotated[tuple[str, ...], checked_tags]
AskedBy = Annotated[Requester, checked_requester]


class Request(TicketState, abstract=True):
    """What may happen to the request itself."""

    class Retitled(Change):
        """The ticket has another title."""

        TOPIC = "ticket.retitled"
        title: Title

    class Described(Change):
        """The ticket has another description."""

        TOPIC = "ticket.described"
        description: Description

    class Categorized(Change):
        """The ticket belongs to another category."""

        TOPIC = "ticket.categorized"
        category: Category

    class Tagged(Change):
        """The ticket has other tags; all of them are named."""

        TOPIC = "ticket.tagged"
        tags: Tags

    class RequesterChanged(Change):
        """Somebody else is the one who asks."""

        TOPIC = "ticket.requester_changed"
        requester: AskedBy

    class Prioritized(Change):
        """The ticket has another impact, urgency or priority."""

        TOPIC = "ticket.prioritized"
        impact: Level
        urgency: Level
        priority: Priority
        overridden: bool

    def prioritize(
        self, *, impact: Level, urgency: Level, override: Priority | None = None, at: datetime
    ) -> None:
        """Weigh the ticket anew; without `override` the priority follows impact × urgency."""
        self.change(
            self.Prioritized,
            at,
            impact=impact,
            urgency=urgency,
            priority=override or priority_of(impact, urgency),
            overridden=override is not None,
        )


__all__ = ["Request", "Source", "TooManyTags"]
