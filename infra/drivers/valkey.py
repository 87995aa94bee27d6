"""Totals in Valkey (or Redis): a cache that nobody waits for and nobody misses."""

import time
from collections.abc import Callable
from typing import Final, Self

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

ANSWER_SECONDS: Final = 0.1
KEPT_SECONDS: Final = 600
REST_SECONDS: Final = 5.0

log = structlog.get_logger()


class ValkeyTotals:
    """Remembers totals for ten minutes; while the server is away, it remembers nothing."""

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Plan a connection; a server that did not answer is left alone for five seconds."""
        self._client = Redis.from_url(
            url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
        )
        self._clock = clock
        self._resting_until = float("-inf")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def get(self, key: str) -> int | None:
        """Return what was put under this key, or None."""
        if self._clock() < self._resting_until:
            return None
        try:
            known = await self._client.get(key)
        except (RedisError, OSError) as error:
            self._rest(error)
            return None
        return None if known is None else int(known)

    async def put(self, key: str, total: int) -> None:
        """Remember a total for ten minutes."""
        if self._clock() < self._resting_until:
            return
        try:
            await self._client.set(key, total, ex=KEPT_SECONDS)
        except (RedisError, OSError) as error:
            self._rest(error)

    def _rest(self, error: Exception) -> None:
        log.warning("totals_not_remembered", error=type(error).__name__, retry_in=REST_SECONDS)
        self._resting_until = self._clock() + REST_SECONDS
