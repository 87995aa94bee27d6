"""What a list counted, remembered for as long as its view does not move.

Counting is the dear part of a list: every matching row is looked at to show twenty of them. The key
of a total holds the view's position, so that it is right as long as it can be found.
"""

import hashlib
from typing import Any, Protocol

import msgspec


class Totals(Protocol):
    """A store that may forget at any time, and answers at once or not at all."""

    async def get(self, key: str) -> int | None:
        """Return what was put under this key, or None."""
        ...

    async def put(self, key: str, total: int) -> None:
        """Remember a total for a while."""
        ...


class NoTotals:
    """Remembers nothing: every list is counted."""

    async def get(self, key: str) -> int | None:  # noqa: ARG002 - one for all
        """Return None."""
        return None

    async def put(self, key: str, total: int) -> None:
        """Forget it."""


class NearTotals:
    """Remembers the last totals in this process, and asks another store for the rest."""

    def __init__(self, far: Totals, *, size: int = 1024) -> None:
        """Keep up to `size` totals here."""
        self._far = far
        self._size = size
        self._near: dict[str, int] = {}

    async def get(self, key: str) -> int | None:
        """Return what was put under this key, or None."""
        known = self._near.get(key)
        if known is None:
            known = await self._far.get(key)
            if known is not None:
                self._keep(key, known)
        return known

    async def put(self, key: str, total: int) -> None:
        """Remember a total, here and there."""
        self._keep(key, total)
        await self._far.put(key, total)

    def _keep(self, key: str, total: int) -> None:
        if len(self._near) >= self._size:
            del self._near[next(iter(self._near))]  # the oldest: its view has moved on
        self._near[key] = total


def question_of(view: str, statement: str, parameters: dict[str, Any]) -> str:
    """Return the key of a count, whenever it is made."""
    asked = msgspec.json.encode((statement, sorted(parameters.items())), enc_hook=str)
    return f"psa:total:{view}:{hashlib.sha256(asked).hexdigest()}"


def total_key(question: str, epoch: int, position: int) -> str:
    """Return the key of a total: the same for the same question of the same rows.

    After a restore there are other rows at the same position, in another epoch.
    """
    return f"{question}:{epoch}:{position}"
