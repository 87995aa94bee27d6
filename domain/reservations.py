"""Names that only one record may bear: an e-mail address, a customer number.

A reservation is a stream of its own whose id follows from the name, so that two commands
that want the same name meet at the same version and the log lets one of them through.
The name itself is not in it: it may be an e-mail address, and its holder's own record tells it.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID, uuid5

from domain.base import AggregateRoot, Change, Created, Event
from domain.errors import Conflict
from domain.personal import Impersonal

_NAMESPACE = UUID("5b0b7c1e-6a53-5d0c-9e55-3c1d6f6d2a10")


class AlreadyTaken(Conflict):
    """`{name}` {key!r} is already taken by the {kind} {holder}."""


def reservation_id(scope: str, key: str) -> UUID:
    """Return the stream of a name; upper and lower case count as the same name."""
    return uuid5(_NAMESPACE, f"{scope}\0{key.lower()}")


_UNTOLD = Impersonal(
    "Empty since version 0.1.0, for the holder's own record tells the name, and there it can be "
    "erased; an older log has it here, where it stays even if it is an e-mail address."
)


class Reservation(AggregateRoot):
    """One name within a scope, and the record that bears it."""

    TOPIC = "reservation"

    scope: str
    """The kind of record and the field that names it: `user.email`, `customer.number`."""
    key: str
    """Empty; only a log from before version 0.1.0 has the name here."""
    holder: UUID | None

    class Claimed(Created):
        """The name was taken for the first time."""

        TOPIC = "reservation.claimed"
        scope: Annotated[str, Impersonal("The kind of record and the field, of all such names.")]
        key: Annotated[str, _UNTOLD]
        holder: UUID

    class Reclaimed(Change):
        """The name was free again and is taken anew."""

        TOPIC = "reservation.reclaimed"
        holder: UUID

    class Released(Event):
        """The name is free."""

        TOPIC = "reservation.released"

        def apply(self, reservation: "Reservation") -> None:
            reservation.holder = None

    @classmethod
    def claim(cls, scope: str, key: str, *, holder: UUID, at: datetime) -> "Reservation":
        """Take a name that nobody has borne yet."""
        stream = reservation_id(scope, key)
        return cls.begin(stream, cls.Claimed, at, scope=scope, key="", holder=holder)

    @classmethod
    def turn(cls, scope: str, *, after: int, at: datetime) -> Event:
        """Return the event that follows this version of the scope's own stream.

        It reserves nothing: of all who have read the same version, one can append it.
        """
        stream = reservation_id(scope, "")
        place: dict[str, Any] = {
            "originator_id": stream,
            "originator_version": after + 1,
            "timestamp": at,
        }
        if after:
            return cls.Released(**place)
        place["originator_topic"] = cls.TOPIC
        return cls.Claimed(scope=scope, key="", holder=stream, **place)

    def reclaim(self, key: str, *, holder: UUID, at: datetime) -> None:
        """Take a released name, which is the key; raises `AlreadyTaken` unless free or ours."""
        if self.holder == holder:
            return
        if self.holder is not None:
            topic, _, name = self.scope.rpartition(".")
            kind = topic.replace("_", " ")
            raise AlreadyTaken(name=name, key=key, kind=kind, holder=self.holder)
        self.record(self.Reclaimed, at, holder=holder)

    def release(self, *, holder: UUID, at: datetime) -> None:
        """Give the name up, if it is ours."""
        if self.holder == holder:
            self.record(self.Released, at)
