"""What was asked: the ticket's texts, who asked, and how much it matters."""

from datetime import datetime
from typing import Annotated

from domain.base import Change
from domain.desk.priorities import Level, Priority, priority_of
from domain.desk.tickets.sources import Source
from domain.desk.tickets.state import TEXT_LIMIT, TicketState
from domain.nested import by_fields
from domain.personal import Impersonal, Personal
from domain.rules import Line, Text
from domain.tags import Tags
from domain.values import ContactId, LocationId, Requester

TITLE_LIMIT = 200

Title = Annotated[str, Line(TITLE_LIMIT), Personal()]
Description = Annotated[str, Text(TEXT_LIMIT), Personal()]
Category = Annotated[str, Text(100), Impersonal("A label of the desk that many tickets share.")]
AskedBy = Annotated[Requester, by_fields, Personal()]


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

    class ContactChanged(Change):
        """The ticket is about another contact, or about none that is known."""

        TOPIC = "ticket.contact_changed"
        contact_id: ContactId | None

    class LocationChanged(Change):
        """The ticket is about another location, or about none that is known."""

        TOPIC = "ticket.location_changed"
        location_id: LocationId | None

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


__all__ = ["Request", "Source", "Tags"]
