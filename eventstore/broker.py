"""What the relay and the feeds need of a message broker; it carries facts and keeps none."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import msgspec


class BrokerUnavailable(Exception):
    """The broker did not do what was asked; nobody can say whether it will have."""


class OutOfOrder(Exception):
    """Something else than expected is the last message; `last` is its position, if any."""

    def __init__(self, last: int | None) -> None:
        """Tell where the stream really ends."""
        super().__init__(f"the stream ends at {last}")
        self.last = last


class Chunk(msgspec.Struct, frozen=True):
    """One message: the events from `first` to `last`, contiguous, encoded.

    Where `first` is `last + 1` it holds none: `last` has to be read from the log.
    """

    first: int
    last: int
    payload: bytes


class Subscription(Protocol):
    """One durable reader's place in the stream.

    Chunks come at least once, as a rule in order, and may begin anywhere.
    """

    async def fetch(self, wait: float) -> list[Chunk]:
        """Return what has arrived, at the latest after `wait` seconds.

        Raises BrokerUnavailable; after that the subscription is of no more use.
        """
        ...

    async def acknowledge(self, position: int) -> None:
        """Let the broker forget the chunks up to this position; raises BrokerUnavailable."""
        ...

    async def close(self) -> None:
        """Leave; what was not acknowledged is delivered again to the next reader."""
        ...


class Broker(Protocol):
    """One stream of chunks and a doorbell; all but the doorbell raise BrokerUnavailable."""

    def largest(self) -> int:
        """Return how many bytes the payload of a chunk may have."""
        ...

    async def last(self) -> int | None:
        """Return the last position in the stream, None when the stream is empty."""
        ...

    async def publish(self, chunks: Sequence[Chunk], after: int | None) -> None:
        """Append chunks in this order, provided that the stream ends at `after`.

        Raises OutOfOrder, and BrokerUnavailable when the first of them may be stored.
        """
        ...

    async def reset(self) -> None:
        """Make the stream empty."""
        ...

    async def subscribe(self, name: str) -> Subscription:
        """Attach the durable reader `name` to what is published from now on.

        A known name also gets what it left unacknowledged, unless that is very much. Names
        are made of letters, digits, `-` and `_`.
        """
        ...

    def ring(self, position: int) -> None:
        """Tell every bell that the log has grown to `position`; may get lost."""
        ...

    def bell(self) -> asyncio.Event:
        """Return an event that is set whenever somebody rings; its owner clears it."""
        ...
