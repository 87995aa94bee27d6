"""Search that goes on while its engine is away, or has yet to catch up."""

import time
from collections.abc import Awaitable, Callable, Collection
from typing import Final, TypeVar
from uuid import UUID

import structlog

from infra.drivers.search_errors import SearchUnavailable
from readapi.search import Hit, Kind, Search

T = TypeVar("T")

REST_SECONDS: Final = 5.0


async def never() -> bool:
    """Say that the first engine knows what the second one knows."""
    return False


log = structlog.get_logger()


class FallbackSearch:
    """Asks the first engine, and the second one while the first does not answer."""

    def __init__(
        self,
        primary: Search,
        secondary: Search,
        *,
        is_behind: Callable[[], Awaitable[bool]] = never,
        rest: float = REST_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Spare callers the wait for a dead `primary`: it is asked again after `rest` seconds.

        While it `is_behind`, e.g. after it was away, it is not asked either.
        """
        self._primary = primary
        self._secondary = secondary
        self._is_behind = is_behind
        self._rest = rest
        self._clock = clock
        self._resting_until = float("-inf")

    async def find(
        self,
        query: str,
        *,
        kinds: Collection[Kind],
        customer_ids: Collection[UUID] | None,
        include_internal: bool,
        limit: int,
    ) -> list[Hit]:
        """Return the best matches, best first."""
        return await self._ask(
            lambda search: search.find(
                query,
                kinds=kinds,
                customer_ids=customer_ids,
                include_internal=include_internal,
                limit=limit,
            )
        )

    async def ids(
        self,
        query: str,
        *,
        kind: Kind,
        customer_ids: Collection[UUID] | None,
        include_internal: bool,
        limit: int = 10_000,
    ) -> list[UUID]:
        """Return the ids of the best matches, best first."""
        return await self._ask(
            lambda search: search.ids(
                query,
                kind=kind,
                customer_ids=customer_ids,
                include_internal=include_internal,
                limit=limit,
            )
        )

    async def _ask(self, question: Callable[[Search], Awaitable[T]]) -> T:
        if self._clock() >= self._resting_until and not await self._is_behind():
            try:
                return await question(self._primary)
            except SearchUnavailable as error:
                self._resting_until = self._clock() + self._rest
                log.warning("search_fell_back", error=str(error.__cause__), seconds=self._rest)
        return await question(self._secondary)
