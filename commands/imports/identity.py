"""Ids that follow from what they name: a repeated import meets its own traces, looking up nothing.

They may never change: an import that was begun under other ids would be done twice.
"""

from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID, uuid5

from commands.imports.source import Record
from domain.values import ContactId, CustomerId, GroupId, TicketId, UserId

_NAMESPACE = UUID("6d0c6a7e-2f0b-5b53-9a5e-0c1f1d5b7c21")


# All rows ask for the same few names; a hash for each would take a sixth of the import's time.
_for_a_few = lru_cache(maxsize=4096)


def _id(system: str, kind: str, name: str) -> UUID:
    return uuid5(_NAMESPACE, f"{system}\0{kind}\0{name}")


def ticket_id(system: str, case: str) -> TicketId:
    """Return the id of a case's ticket."""
    return TicketId(_id(system, "ticket", case))


@_for_a_few
def customer_id(system: str, name: str) -> CustomerId:
    """Return the id of the customer that an import belongs to."""
    return CustomerId(_id(system, "customer", name))


@_for_a_few
def group_id(system: str, name: str) -> GroupId:
    """Return the id of a group; upper and lower case count as the same name."""
    return GroupId(_id(system, "group", name.strip().lower()))


@_for_a_few
def user_id(system: str, name: str) -> UserId:
    """Return the id of a person who works on tickets."""
    return UserId(_id(system, "user", name))


@lru_cache(maxsize=65_536)  # a log names thousands of callers, each of them again and again
def contact_id(system: str, customer_id: CustomerId, name: str) -> ContactId:
    """Return the id of a person who asks, at the customer that the import belongs to."""
    return ContactId(_id(system, "contact", f"{customer_id}\0{name}"))


@_for_a_few
def import_id(system: str, file: str) -> UUID:
    """Return what all commands of one import have in common."""
    return _id(system, "import", file)


class CommandId(NamedTuple):
    """A command's id, and what it was made from: the same text means the same command."""

    command_id: UUID
    text: str


def creation(record_id: UUID) -> CommandId:
    """Return the id of the command that creates a customer, group, user or contact."""
    text = f"create\0{record_id}"
    return CommandId(uuid5(_NAMESPACE, text), text)


class RowIds:
    """Gives out the ids of one case's rows; the row's place in the file is no part of them.

    A longer export of the same log has the same rows elsewhere, and other final values.
    """

    def __init__(self, system: str, columns: Collection[str], final: Collection[str]) -> None:
        self._system = system
        self._kept = [n for n, column in enumerate(columns) if column not in final]
        self._seen: dict[str, int] = {}

    def next(self, record: Record) -> CommandId:
        """Return the id of the case's next row."""
        # A row that is cut off is identified by nothing but its place among such rows.
        values = [record.values[n] for n in self._kept] if record.values else []
        content = "\0".join([record.case, *values])
        # Nothing may have changed between two rows but the minute hand.
        occurrence = self._seen[content] = self._seen.get(content, 0) + 1
        text = f"{content}\0{occurrence}"
        return CommandId(_id(self._system, "row", text), text)
