"""Search that goes on while its engine is away."""

from collections.abc import Collection
from uuid import UUID

import pytest

from infra.drivers.fallback_search import FallbackSearch
from infra.drivers.search_errors import SearchUnavailable
from readapi.search import Hit, Kind


class Engine:
    """An engine that knows one record, or is away."""

    def __init__(self, number: int) -> None:
        self.hit = Hit(UUID(int=number), Kind.TICKET, "T-000001", "Drucker", "", 1.0)
        self.is_away = False
        self.asked = 0

    async def find(
        self,
        query: str,
        *,
        kinds: Collection[Kind],
        customer_ids: Collection[UUID] | None,
        include_internal: bool,
        limit: int,
    ) -> list[Hit]:
        self.asked += 1
        if self.is_away:
            raise SearchUnavailable
        return [self.hit]

    async def ids(
        self,
        query: str,
        *,
        kind: Kind,
        customer_ids: Collection[UUID] | None,
        include_internal: bool,
        limit: int = 10_000,
    ) -> list[UUID]:
        found = await self.find(
            query, kinds=[kind], customer_ids=customer_ids, include_internal=False, limit=limit
        )
        return [hit.id for hit in found]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def answer(search: FallbackSearch) -> list[int]:
    ids = await search.ids("drucker", kind=Kind.TICKET, customer_ids=None, include_internal=False)
    return [found.int for found in ids]


async def test_the_first_engine_answers_while_it_can() -> None:
    primary, secondary = Engine(1), Engine(2)

    found = await answer(FallbackSearch(primary, secondary))

    assert found == [1]
    assert secondary.asked == 0


async def test_the_second_engine_answers_while_the_first_is_away() -> None:
    primary, secondary = Engine(1), Engine(2)
    primary.is_away = True
    search = FallbackSearch(primary, secondary)

    hits = await search.find(
        "drucker", kinds=[], customer_ids=None, include_internal=False, limit=10
    )

    assert hits == [secondary.hit]


async def test_an_engine_that_is_away_is_left_alone_for_a_while() -> None:
    primary, secondary, clock = Engine(1), Engine(2), Clock()
    primary.is_away = True
    search = FallbackSearch(primary, secondary, rest=5.0, clock=clock)

    assert [await answer(search), await answer(search)] == [[2], [2]]

    assert primary.asked == 1


async def test_an_engine_that_is_back_is_asked_again() -> None:
    primary, clock = Engine(1), Clock()
    primary.is_away = True
    search = FallbackSearch(primary, Engine(2), rest=5.0, clock=clock)
    await answer(search)

    primary.is_away = False
    clock.now = 5.0

    assert await answer(search) == [1]


async def test_nobody_answers_when_both_are_away() -> None:
    primary, secondary = Engine(1), Engine(2)
    primary.is_away = secondary.is_away = True

    with pytest.raises(SearchUnavailable):
        await answer(FallbackSearch(primary, secondary))


async def test_an_engine_that_is_behind_is_not_asked_until_it_has_caught_up() -> None:
    behind = [True, True, False]
    primary, secondary = Engine(1), Engine(2)

    async def is_behind() -> bool:
        return behind.pop(0)

    search = FallbackSearch(primary, secondary, is_behind=is_behind)
    found = [await answer(search) for _ in range(3)]

    assert found == [[2], [2], [1]]
    assert primary.asked == 1
