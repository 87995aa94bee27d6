"""What a verification finds wrong."""

from collections.abc import Iterable
from typing import NamedTuple


class Problem(NamedTuple):
    """Something is not as it was sealed, from this position of the log on."""

    position: int
    what: str

    def __str__(self) -> str:
        return f"position {self.position}: {self.what}"


def first(problems: Iterable[Problem | None]) -> Problem | None:
    """Return the problem at the lowest position."""
    return min((each for each in problems if each is not None), default=None)
