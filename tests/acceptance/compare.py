"""Compares a running platform with the log that was imported into it, row by row.

`python -m tests.acceptance.compare FILE --tickets 200 --instants 5` needs a platform that runs in
PSA_HOME with FILE imported by `psa import servicenow`. It prints one line of JSON: how many
incidents end as their last row says, and how many of random moments agree between the log's rows,
`GET /tickets/{number}?as_of=` and `psa audit replay --at`.
"""

import asyncio
import json
import random
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import httpx
import msgspec
import psycopg
import typer
from psycopg.rows import dict_row

from infra.bootstrap import LOCAL_ADMIN
from infra.cli import audit
from infra.settings import Settings, find_urls, read_settings
from infra.tokens import open_tokens
from tests.acceptance.test_imports import KINDS, Cells, read_file

SERVICENOW = KINDS["servicenow"]
ENDED = """
    select t.external_number, t.status, t.waiting_reason, t.priority, t.reassignment_count,
           t.reopen_count, g.name as group_name, u.name as assignee_name
      from rm.tickets t
      left join rm.groups g on g.id = t.group_id
      left join rm.users u on u.id = t.assignee_id
     where t.external_system = 'servicenow'
"""
STATES = {
    ("new", None): "New",
    ("in_progress", None): "Active",
    ("waiting_customer", None): "Awaiting User Info",
    ("waiting_third_party", "vendor"): "Awaiting Vendor",
    ("waiting_third_party", "problem"): "Awaiting Problem",
    ("waiting_third_party", "evidence"): "Awaiting Evidence",
    ("resolved", None): "Resolved",
    ("closed", None): "Closed",
}
PRIORITIES = {
    "critical": "1 - Critical",
    "high": "2 - High",
    "medium": "3 - Moderate",
    "low": "4 - Low",
}


def main(
    file: Path,
    tickets: Annotated[int, typer.Option()] = 200,
    instants: Annotated[int, typer.Option()] = 5,
    seed: Annotated[int, typer.Option()] = 1,
    reported: Annotated[Path | None, typer.Option(help="The import's report, --json.")] = None,
) -> None:
    """Compare, print the counts, and exit with 1 when anything is unexplained."""
    settings = read_settings()
    refused = json.loads(reported.read_text())["reported"] if reported else []
    skipped = {one["row"] for one in refused}
    cases = read_file(SERVICENOW, file)
    ends = _ends(settings, cases, {one["case"] for one in refused})
    moments = asyncio.run(_moments(settings, cases, skipped, tickets, instants, seed))
    print(json.dumps({"incidents": len(cases), **ends, **moments}))
    sys.exit(1 if ends["unexplained"] or moments["disagreeing"] else 0)


def _ends(
    settings: Settings, cases: dict[str, dict[int, Cells]], refused: set[str]
) -> dict[str, Any]:
    with psycopg.connect(find_urls(settings).postgres, row_factory=dict_row) as connection:
        rows = {row["external_number"]: row for row in connection.execute(ENDED)}
    wrong = [
        case
        for case, lines in cases.items()
        if case not in rows or _shown(rows[case]) != _told([*lines.values()][-1])
    ]
    return {
        "equal_to_last_row": len(cases) - len(wrong),
        "explained_by_report": sorted(case for case in wrong if case in refused),
        "unexplained": sorted(case for case in wrong if case not in refused),
    }


async def _moments(  # noqa: PLR0917 - called once, in the order of the options
    settings: Settings,
    cases: dict[str, dict[int, Cells]],
    skipped: set[int],
    tickets: int,
    instants: int,
    seed: int,
) -> dict[str, Any]:
    chance = random.Random(seed)
    token = open_tokens(settings.home).issue(LOCAL_ADMIN)
    seen: Counter[str] = Counter()
    disagreeing: list[str] = []
    async with httpx.AsyncClient(
        base_url=f"http://{settings.host}:{settings.port}/api/v1",
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    ) as client:
        for case in chance.sample(sorted(cases), tickets):
            lines = [line for number, line in cases[case].items() if number not in skipped]
            times = [_time(line) for line in lines]
            for _ in range(instants):
                at = times[0] + (times[-1] - times[0] + timedelta(days=1)) * chance.random()
                told = [line for line, time in zip(lines, times, strict=True) if time <= at][-1]
                answer = await client.get(f"/tickets/{case}", params={"as_of": at.isoformat()})
                replayed = msgspec.to_builtins(
                    await audit.state(audit.Kind("ticket"), case, at.isoformat(), None)
                )
                seen["moments"] += 1
                if answer.json() != replayed or _read(answer.json()) != _told(told):
                    disagreeing.append(f"{case} at {at.isoformat()}")
    return {"moments": seen["moments"], "disagreeing": disagreeing}


def _time(line: Cells) -> datetime:
    return datetime.strptime(line[SERVICENOW.time], SERVICENOW.format).replace(tzinfo=UTC)


def _told(line: Cells) -> tuple[str, ...]:
    return (
        line["incident_state"],
        line["priority"],
        line["assignment_group"],
        line["assigned_to"],
        line["reassignment_count"],
        line["reopen_count"],
    )


def _shown(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        STATES[row["status"], row["waiting_reason"]],
        PRIORITIES[row["priority"]],
        row["group_name"] or "?",
        row["assignee_name"] or "?",
        str(row["reassignment_count"]),
        str(row["reopen_count"]),
    )


def _read(document: dict[str, Any]) -> tuple[str, ...]:
    named = {f"{name}_name": (document[name] or {}).get("name") for name in ("group", "assignee")}
    return _shown({**document, **named})


if __name__ == "__main__":
    typer.run(main)
