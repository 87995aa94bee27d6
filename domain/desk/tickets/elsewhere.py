"""What another system says of a ticket: its number there, and what has no place here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from domain.base import Event
from domain.desk.tickets.state import TicketState
from domain.errors import Invalid
from domain.nested import by_fields
from domain.personal import Impersonal, Personal
from domain.rules import TextMissing, require_length
from domain.values import ExternalReference

ATTRIBUTE_LIMIT = 100


class TooManyAttributes(Invalid):
    """At most {limit} attributes of another system are kept."""

    field = "attributes"


def external_name(external: ExternalReference) -> tuple[str, str]:
    """Return the reservation (scope and key) of a number in another system."""
    return "ticket.external", f"{external.system}:{external.number}"


External = Annotated[
    ExternalReference, by_fields, Impersonal("The ticket's number in another system.")
]


class Elsewhere(TicketState, abstract=True):
    """What may become known of the same ticket in another system."""

    class ExternalUpdateRecorded(Event):
        """The other system touched the record; changed attributes are named, if there are any."""

        TOPIC = "ticket.external_update_recorded"
        attributes: Annotated[dict[str, str], Personal()]

        def apply(self, ticket: TicketState) -> None:
            ticket.external_attributes = ticket.external_attributes | self.attributes

    def record_external_update(self, attributes: Mapping[str, str], *, at: datetime) -> None:
        """Keep what the other system says of attributes that have no place here.

        Recorded even if all of them are as before: somebody touched the record then.
        """
        self.require_changeable()
        _check_attributes(attributes)
        changed = {k: v for k, v in attributes.items() if self.external_attributes.get(k, "") != v}
        if len(self.external_attributes | changed) > ATTRIBUTE_LIMIT:
            raise TooManyAttributes(limit=ATTRIBUTE_LIMIT)
        self.record(self.ExternalUpdateRecorded, at, attributes=changed)


def _check_attributes(attributes: Mapping[str, str]) -> None:
    # Kept to the letter, blanks too: the other system compares them with its own.
    for name, value in attributes.items():
        if not name.strip():
            raise TextMissing(name="attributes")
        require_length("attributes", name, limit=100)
        require_length(f"attributes.{name}", value, limit=2000)
