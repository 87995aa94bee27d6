"""Totals are counted once for each position of their view."""

from projections.schema import ensure
from readapi.customers.customers import RESOURCE
from readapi.listings import FoundPage, Narrowed, Wanted
from readapi.totals import NearTotals
from readapi.views import Views, open_pool
from tests.conftest import Database


async def test_a_total_is_counted_once_for_as_long_as_the_view_stands_still(
    database: Database,
) -> None:
    ensure(database.url)
    totals = Remembered()
    wanted = Wanted(
        RESOURCE.listing,
        Narrowed([], []),
        "name",
        down=False,
        limit=20,
        offset=0,
        after=None,
    )
    async with open_pool(database.url) as pool:
        views = Views(pool, totals)

        pages = [await views.page(wanted) for _ in range(3)]

    assert pages == [FoundPage(0, [], [], 0)] * 3
    assert len(totals.known) == 1
    assert totals.found == 2


async def test_a_total_is_asked_for_elsewhere_once() -> None:
    far = Remembered()
    await far.put("a", 1)
    totals = NearTotals(far)

    known = [await totals.get("a") for _ in range(3)]

    assert known == [1, 1, 1]
    assert far.found == 1


async def test_a_total_is_put_here_and_there() -> None:
    far = Remembered()
    totals = NearTotals(far)

    await totals.put("a", 0)

    assert (await totals.get("a"), far.known, far.found) == (0, {"a": 0}, 0)


async def test_here_the_oldest_totals_are_forgotten() -> None:
    far = Remembered()
    totals = NearTotals(far, size=2)

    for number, key in enumerate("abc"):
        await totals.put(key, number)

    assert [await totals.get(key) for key in "bc"] == [1, 2]
    assert far.found == 0
    assert await totals.get("a") == 0
    assert far.found == 1


class Remembered:
    """Totals in memory, and how often one was found."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}
        self.found = 0

    async def get(self, key: str) -> int | None:
        self.found += key in self.known
        return self.known.get(key)

    async def put(self, key: str, total: int) -> None:
        self.known[key] = total
