"""How many events a second a real log is replayed with, beside merely deciding about its rows.

The server has the settings of production and shares the cores with the import.
"""

import asyncio
import json
import os
import resource
import tempfile
from datetime import UTC
from pathlib import Path
from typing import Any, Final

import uvloop

from commands.imports.report import Report
from commands.imports.run import run_import
from commands.imports.servicenow import ServiceNow
from eventstore.appender import Appender
from eventstore.log import Log, open_pool
from eventstore.migrate import migrate
from tests.bench.servers import durable, machine

DATA: Final = Path(os.environ.get("PSA_REAL_DATA", Path(__file__).parents[3] / "shared" / "data"))
FILE: Final = DATA / "eventlogs" / "servicenow_incidents.csv.gz"


def run() -> dict[str, Any]:
    """Return the figures of a dry run, an import, and the same import again."""
    with tempfile.TemporaryDirectory(prefix="psa-bench-") as folder, durable(Path(folder)) as urls:
        migrate(urls.postgres_owner, app_role="psa_app")
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            rehearsed, imported, again = runner.run(replay(urls.postgres))
        decided = rehearsed.rows / rehearsed.seconds
        return {
            "bench": "import",
            "value": round(imported.events / imported.seconds),
            "unit": "events/s",
            "seconds": round(imported.seconds, 1),
            "rows": imported.rows,
            "imported": imported.imported,
            "reported": imported.reasons,
            "events": imported.events,
            "rows_per_second": round(imported.rows / imported.seconds),
            "baseline": {
                "name": "parsing and deciding without appending (dry run), rows/s",
                "value": round(decided),
            },
            "ratio": round(imported.rows / imported.seconds / decided, 2),
            "again_seconds": round(again.seconds, 1),
            "again_events": again.events,
            "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "load": round(os.getloadavg()[0], 1),
            "machine": machine(urls.postgres, Path(folder)),
        }


async def replay(url: str) -> list[Report]:
    """Import the log three times: in rehearsal, for good, and once more."""
    async with open_pool(url) as pool, Appender(url) as appender:
        return [
            await run_import(
                ServiceNow(),
                FILE,
                log=Log(pool),
                appender=appender,
                customer="ServiceNow import",
                zone=UTC,
                progress=lambda _done, _rows: None,
                dry_run=dry_run,
            )
            for dry_run in (True, False, False)
        ]


if __name__ == "__main__":
    print(json.dumps(run()))
