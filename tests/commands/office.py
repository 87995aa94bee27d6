"""Where commands are asked for in tests: a dispatcher over a log in memory, at a fixed time."""

from datetime import datetime
from uuid import UUID, uuid5

import msgspec

from commands.context import Caller, Command
from commands.dispatch import Accepted, Dispatcher
from commands.table import INTERNAL, TABLE
from domain.actors import Actor, Role
from domain.base import Event
from eventstore.baselines import Baselines
from eventstore.gathering import Gathering
from eventstore.records import Metadata
from tests.commands.fakes import MemoryLog
from tests.given import CUSTOMER, OTHER_CUSTOMER, T2, Fact

ADMIN = Actor(id="admin", name="Adam Admin", role=Role.ADMIN)
TECHNICIAN = Actor(id="tess", name="Tess Technician", role=Role.TECHNICIAN)
AUDITOR = Actor(id="audrey", name="Audrey Auditor", role=Role.AUDITOR)
PROGRAM = Actor(id="monitoring", name="Monitoring", role=Role.INTEGRATION)
PORTAL = Actor(id="ada", name="Ada Zürn", role=Role.CUSTOMER, customer_id=CUSTOMER)
STRANGER = Actor(id="sam", name="Sam Strange", role=Role.CUSTOMER, customer_id=OTHER_CUSTOMER)
UNBOUND = Actor(id="una", name="Una Unbound", role=Role.CUSTOMER)

_COMMANDS = UUID("c0aa0000-0000-4000-8000-000000000000")


def command_id(text: str) -> UUID:
    """Return the command id with this name; tests that repeat a command name it twice."""
    return uuid5(_COMMANDS, text)


def told_of(id: UUID, event: Event) -> Event:
    """Return the same event of the record with this id, to be compared with a fact."""
    return type(event)(**{**vars(event), "originator_id": id})


class Office:
    """Takes commands; `told` are the events since it opened with these facts."""

    def __init__(self, *facts: Fact) -> None:
        self.log = MemoryLog()
        self.log.tell(*facts)
        self.now = T2
        self.dispatcher = Dispatcher(
            (*TABLE, *INTERNAL), self.log, self.log, self._clock, Baselines(Gathering(self.log))
        )
        self._opened_with = len(self.log.recorded)
        self._asked = 0

    async def ask(
        self,
        command: Command,
        *,
        by: Actor = ADMIN,
        id: UUID | None = None,
        expecting: int | None = None,
    ) -> Accepted:
        """Dispatch a command, under an id of its own unless one is given."""
        self._asked += 1
        caller = Caller(
            actor=by,
            command_id=id or command_id(str(self._asked)),
            expected_version=expecting,
        )
        return await self.dispatcher.dispatch(command, caller)

    def told(self) -> list[Event]:
        """Return the events that the commands led to, oldest first."""
        return self.log.events(self._opened_with)

    def topics(self) -> list[str]:
        """Return what the events are called."""
        return [event.TOPIC for event in self.told()]

    def metadata(self) -> list[Metadata]:
        """Return what is written beside the events."""
        return [
            msgspec.json.decode(recorded.metadata, type=Metadata)
            for recorded in self.log.recorded[self._opened_with :]
        ]

    def settle(self) -> None:
        """Take what was told so far as given."""
        self._opened_with = len(self.log.recorded)

    def _clock(self) -> datetime:
        return self.now
