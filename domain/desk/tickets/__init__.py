"""Tickets: a customer's request, from first contact to agreed resolution.

A ticket's life is one aggregate in several modules, one per concept: `request` is what was asked,
`work` what is done about it, `outcome` how it ends, `elsewhere` what another system says of it;
`state` is what all of them share. Here is how it begins.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from domain.base import Created
from domain.desk.priorities import Level, Priority, priority_of
from domain.desk.tickets.elsewhere import Elsewhere, External, external_name
from domain.desk.tickets.outcome import Outcome
from domain.desk.tickets.request import (
    AskedBy,
    Category,
    Description,
    Request,
    Source,
    Tags,
    Title,
)
from domain.desk.tickets.state import TicketNotFound
from domain.desk.tickets.work import Work
from domain.errors import Invalid
from domain.values import (
    ContactId,
    CustomerId,
    ExternalReference,
    LocationId,
    Requester,
    TicketId,
)


class TicketNumberInvalid(Invalid):
    """A ticket number is 1 or more, not {number}."""

    field = "ticket_number"


def _one_or_more(_: str, number: int) -> int:
    if number < 1:
        raise TicketNumberInvalid(number=number)
    return number


class Ticket(Request, Work, Outcome, Elsewhere):
    """A customer's request, from first contact to agreed resolution."""

    TOPIC = "ticket"
    MISSING = TicketNotFound

    class Opened(Created):
        """The customer asked for something."""

        TOPIC = "ticket.opened"
        ticket_number: Annotated[int, _one_or_more]
        title: Title
        description: Description
        customer_id: CustomerId
        requester: AskedBy
        category: Category
        tags: Tags
        source: Source
        impact: Level
        urgency: Level
        priority: Priority
        overridden: bool
        external: External | None
        contact_id: ContactId | None = None
        location_id: LocationId | None = None

    @classmethod
    def open(
        cls,
        id: TicketId,
        *,
        ticket_number: int,
        title: str,
        customer_id: CustomerId,
        at: datetime,
        description: str = "",
        requester: Requester | None = None,
        category: str = "",
        tags: Iterable[str] = (),
        source: Source = Source.API,
        impact: Level = Level.MEDIUM,
        urgency: Level = Level.MEDIUM,
        priority: Priority | None = None,
        external: ExternalReference | None = None,
        contact_id: ContactId | None = None,
        location_id: LocationId | None = None,
    ) -> Self:
        """Take up a request; `priority` overrides what impact × urgency ask for."""
        return cls.begin(
            id,
            cls.Opened,
            at,
            ticket_number=ticket_number,
            title=title,
            description=description,
            customer_id=customer_id,
            requester=requester or Requester(),
            category=category,
            tags=tuple(tags),
            source=source,
            impact=impact,
            urgency=urgency,
            priority=priority or priority_of(impact, urgency),
            overridden=priority is not None,
            external=external,
            contact_id=contact_id,
            location_id=location_id,
        )

    def names(self) -> Iterable[tuple[str, str]]:
        """Return the ticket's number in another system, if it has one."""
        return [external_name(self.external)] if self.external else []

    def customer(self) -> UUID:
        """Return the customer that asked."""
        return self.customer_id

    def data_subject(self) -> UUID:
        """Return the contact that the ticket is about: with that person, its texts are erased.

        Where none is known, it is the ticket itself, which can be erased alone.
        """
        return self.contact_id or self.id


__all__ = ["Source", "Ticket", "TicketNotFound", "TicketNumberInvalid"]
