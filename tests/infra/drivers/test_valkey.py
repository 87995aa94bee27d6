"""Totals in a real Valkey: remembered, forgotten, and never waited for."""

from uuid import uuid4

from infra.drivers.valkey import REST_SECONDS, ValkeyTotals
from infra.embedded import Urls


async def test_a_total_is_remembered(urls: Urls) -> None:
    key = f"psa:total:{uuid4()}"
    async with ValkeyTotals(urls.redis) as totals:
        before = await totals.get(key)
        await totals.put(key, 19_979)

        assert before is None
        assert await totals.get(key) == 19_979


async def test_a_server_that_is_away_is_no_error_and_left_alone_for_a_while(urls: Urls) -> None:
    now = 100.0
    key = f"psa:total:{uuid4()}"
    async with ValkeyTotals(urls.redis) as present:
        await present.put(key, 7)
    async with ValkeyTotals("redis://127.0.0.1:1", clock=lambda: now) as totals:
        assert await totals.get(key) is None

        # Nobody waits for it any more, nor is anything put there.
        totals._client = present._client
        assert await totals.get(key) is None
        now += REST_SECONDS
        assert await totals.get(key) == 7
        await present._client.aclose()
