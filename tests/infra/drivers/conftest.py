"""What the tests of the drivers share."""

from tests.eventstore.carried import server

__all__ = ["server"]
