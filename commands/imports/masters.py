"""The records that tickets refer to: the import's customer, and the groups and people it names.

Each is created with the first row that names it. A group that bears the name already, however it
came to be, is the one that is meant.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from uuid import UUID

from commands.imports import identity
from commands.imports.log import ATTEMPTS, Appender, Log, is_raced
from commands.imports.names import Streams, claim, holder
from commands.imports.provenance import Provenance
from commands.imports.source import Place, Row
from domain.base import AggregateRoot, Event
from domain.customers import Customer
from domain.errors import Refused
from domain.groups import Group
from domain.reservations import reservation_id
from domain.users import Role, User
from domain.values import Address, CustomerId, GroupId, TicketId, UserId
from eventstore.errors import VersionConflict
from eventstore.records import Append


class Master(NamedTuple):
    """A record that rows name; what has the same kind and key is the same record."""

    kind: str
    key: str
    name: str
    id: UUID
    """Its id, unless another record bears the name."""


class Masters:
    """Knows the customer, the groups and the people, and sees to it that they exist."""

    def __init__(self, provenance: Provenance, customer: str, log: Log, appender: Appender) -> None:
        self._provenance = provenance
        self._customer = customer.strip()
        self._log = log
        self._appender = appender
        self._known: dict[tuple[str, str], UUID | Refused] = {}

    async def ensure(self, rows: Iterable[Row]) -> None:
        """Create what the rows name and what is not there yet; refused names are remembered."""
        wanted = {m[:2]: (m, row) for row in reversed([*rows]) for m in self._named_by(row)}
        for _ in range(ATTEMPTS):
            wanted = {key: it for key, it in wanted.items() if key not in self._known}
            if not wanted:
                return
            await self._create(list(wanted.values()))
        raise VersionConflict(stream_id=identity.customer_id(*wanted), actual="?", expected="?")
