"""What the tests of the event store share."""

from tests.eventstore.carried import server

__all__ = ["server"]
