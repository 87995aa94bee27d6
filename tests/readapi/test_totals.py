"""Totals are counted once for each position of their view."""

from sqlalchemy import func, select

from projections.customers.customers import customers
from projections.schema import ensure
from readapi.views import Views, open_pool
from tests.conftest import Database


async def test_a_total_is_counted_once_for_as_long_as_the_view_stands_still(
    database: Database,
) -> None:
    ensure(database.url)
    totals = Remembered()
    statement = select(func.count()).select_from(customers)
    async with open_pool(database.url) as pool:
        views = Views(pool, totals)

        counted = [await views.total("customers", statement) for _ in range(3)]

    assert counted == [0, 0, 0]
    assert len(totals.known) == 1
    assert totals.found == 2


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
