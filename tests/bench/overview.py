"""What a customer's overview costs among many tickets; prints one JSON line per customer.

`python -m tests.bench.overview [TICKETS]` starts servers of its own. The tickets of three years are
spread over 500 customers, and one of them has every tenth. With `--plan`, what Postgres did is
printed, too.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import msgspec
import psycopg

from domain.actors import Actor, Role
from eventstore.migrate import migrate
from infra.embedded import Stack
from projections.schema import ensure
from readapi.customers.overview import STATEMENTS, VIEWS
from readapi.customers.overview.subject import values
from readapi.views import Views, configure, open_pool
from tests.bench.servers import machine
from tests.conftest import APP_ROLE

TICKETS: Final = 1_000_000
CUSTOMERS: Final = 500
TIMES: Final = 200
STAFF: Final = Actor(str(uuid4()), "Staff", Role.TECHNICIAN)
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)

FILL: Final = """
    insert into rm.customers (id, number, name, trade_name, register_entry, address, email_domains,
           status, language, notes, vat_id, currency, payment_days, invoice_email, tags, custom,
           created_at, updated_at, version, position)
    select gen_random_uuid(), n, 'Customer ' || n, '', '{}',
           '{"street": "", "postal_code": "", "city": "", "country": "DE"}', '{}', 'active', 'de',
           '', '', 'EUR', 14, '', '{}', '{}', now(), now(), 1, n
      from generate_series(1, %(customers)s) n;
    insert into rm.tickets (id, ticket_number, title, description, customer_id, requester, category,
           tags, source, impact, urgency, priority, priority_rank, priority_overridden, status,
           reassignment_count, reopen_count, external_attributes, first_response_at, resolved_at,
           closed_at, created_at, updated_at, version, position)
    select gen_random_uuid(), n, 'Ticket ' || n, repeat('x', 300), c.id, '{}', 'network', '{}',
           'email', 'medium', 'medium', (array['critical', 'high', 'medium', 'low'])[r], r, false,
           case when open then (array['new', 'assigned', 'in_progress', 'waiting_customer'])[r]
                else 'closed' end,
           0, 0, '{}', at + interval '1 hour', case when not open then at + interval '2 days' end,
           case when not open then at + interval '7 days' end, at, at, 4, n
      from (select n, 1 + n %% 4 as r, n %% 100 = 0 as open,
                   %(now)s::timestamptz - (n::float8 / %(tickets)s) * interval '3 years' as at,
                   case when n %% 10 = 1 then 1
                        else 1 + hashint4(n)::bigint %% %(customers)s end as whose
              from generate_series(1, %(tickets)s) n) t
      join rm.customers c on c.number = 1 + abs(whose - 1)
"""


class Cost(msgspec.Struct, frozen=True):
    """What one customer's overview costs."""

    tickets: int
    of_customer: int
    open: int
    median_ms: float
    """Of the whole read, rows and positions included."""
    p99_ms: float


def main() -> None:
    """Print what the overviews of the largest and of a usual customer cost."""
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    tickets = int(words[0]) if words else TICKETS
    with tempfile.TemporaryDirectory() as home, Stack(Path(home), external={}) as stack:
        urls = stack.start()
        migrate(urls.postgres_owner, app_role=APP_ROLE)
        ensure(urls.postgres)
        print(json.dumps(machine(urls.postgres_owner, Path(home))), flush=True)
        _fill(urls.postgres_owner, tickets)
        for number in (1, 250):
            cost = asyncio.run(_cost(urls.postgres, str(number), tickets))
            print(msgspec.json.encode(cost).decode(), flush=True)
            if "--plan" in sys.argv:
                asyncio.run(_plan(urls.postgres, str(number)))


def _fill(url: str, tickets: int) -> None:
    facts = {"customers": CUSTOMERS, "tickets": tickets, "now": NOW}
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in FILL.split(";"):
            connection.execute(statement.encode(), facts)
        connection.execute("vacuum analyze")


async def _cost(url: str, number: str, tickets: int) -> Cost:
    asked = values(number, STAFF, NOW)
    async with open_pool(url, size=1) as pool:
        views = Views(pool)
        took = [await _timed(views, asked) for _ in range(TIMES)]
        _, (row,) = await views.read_at_once(VIEWS, STATEMENTS[True], asked)
    counted = psycopg.connect(url).execute(
        "select count(*) from rm.tickets where customer_id = %s", [row["id"]]
    )
    ((own,),) = counted.fetchall()
    cuts = statistics.quantiles(took, n=100)
    open_ones = row["part tickets"]["total"]
    return Cost(tickets, own, open_ones, statistics.median(took), cuts[98])


async def _timed(views: Views, asked: Mapping[str, Any]) -> float:
    began = time.perf_counter()
    await views.read_at_once(VIEWS, STATEMENTS[True], asked)
    return (time.perf_counter() - began) * 1000


async def _plan(url: str, number: str) -> None:
    text, facts = STATEMENTS[True].told(values(number, STAFF, NOW))
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await configure(connection)
        lines = await connection.execute(f"explain (analyze, buffers) {text}".encode(), facts)
        print("\n".join([line for (line,) in await lines.fetchall()]))


if __name__ == "__main__":
    main()
