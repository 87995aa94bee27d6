"""What a source is: a log of another system, read row by row and decided ticket by ticket."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Protocol

import msgspec

from commands.imports.lifecycle import State
from domain.desk.tickets import Ticket
from domain.errors import Invalid
from domain.values import ContactId, CustomerId, GroupId, TicketId, UserId


class ValueUnknown(Invalid):
    """The column `{column}` holds {value!r}, which means nothing to us."""


class StateUnknown(Invalid):
    """`{state}` is no state that we know of."""


class Record(msgspec.Struct, frozen=True):
    """One row of the file, as it stands there."""

    number: int
    """Its place in the file; the header is row 1."""
    case: str
    values: tuple[str, ...]
    """In the order of the source's columns; empty when the row has too many or too few."""


class Row(msgspec.Struct, frozen=True):
    """One row, as far as every source has the same things to say."""

    record: Record
    at: datetime
    """When it happened, in UTC."""
    actor: str
    """Who did it, as the other system calls them."""
    group: str
    """The group that has the ticket, empty for none."""
    person: str
    """The person who has the ticket, empty for nobody."""
    values: Mapping[str, str]
    """All columns; what is missing is empty."""
    kept: Mapping[str, str]
    """What has no place of its own here, but is not to be lost."""
    caller: str = ""
    """The contact who asks, empty where none is known or contacts are not imported."""


class Place(msgspec.Struct, frozen=True):
    """Where a row belongs here: the ids for what the other system names."""

    ticket_id: TicketId
    ticket_number: int
    """The number for a ticket that is yet to be opened."""
    customer_id: CustomerId
    group_id: GroupId | None
    assignee_id: UserId | None
    contact_id: ContactId | None = None


class Source(Protocol):
    """The log of another system, and what its rows mean for a ticket."""

    @property
    def system(self) -> str:
        """The name of the other system; all ids are derived from it."""
        ...

    @property
    def columns(self) -> Sequence[str]:
        """The columns that the file must have; their order is part of every row's id."""
        ...

    @property
    def case_column(self) -> str:
        """The column that says which rows belong to the same ticket."""
        ...

    @property
    def final_columns(self) -> frozenset[str]:
        """The columns whose values may change for old rows: they are no part of a row's id."""
        ...

    def row(self, record: Record, zone: tzinfo) -> Row:
        """Return what the record says; a time without a zone is one of `zone`.

        Raises `ValueUnknown`.
        """
        ...

    def decide(self, ticket: Ticket | None, row: Row, place: Place) -> Ticket:
        """Let the row happen to its ticket, which None says is yet to be opened.

        Raises what the domain refuses; the ticket is of no use then.
        """
        ...

    def disagreement(self, ticket: Ticket, row: Row) -> str:
        """Return in which total the ticket differs from an accepted row, or nothing."""
        ...

    def state_name(self, state: State) -> str:
        """Return what the source calls a state, or nothing where it has no name for it."""
        ...


def instant(column: str, text: str, zone: tzinfo) -> datetime:
    """Return an ISO 8601 time in UTC; raises `ValueUnknown`."""
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):  # no date, or one outside of the years 1 to 9999 in UTC
        raise ValueUnknown(column=column, value=text) from None
