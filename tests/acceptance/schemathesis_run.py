"""Sends what the OpenAPI document allows, and what it does not, to a running API.

    python -m tests.acceptance.schemathesis_run --url URL --token TOKEN --examples N

prints the counts as one JSON line; every answer has to be a documented one. Failures are told at
length on standard error.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any, Final

import httpx
import msgspec
import typer

from readapi.table import RESOURCES

CHECKS: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
KINDS: Final = sorted(resource.path.strip("/") for resource in RESOURCES)
"""The kinds of records that are listed, and named by their ids."""
PHASES: Final = "examples,coverage,fuzzing"
SEED: Final = 20_260_105
OFTEN: Final = 0.7
"""How often an id is one of a record that is there."""


class Counts(msgspec.Struct, frozen=True):
    """What was asked, and how often the answer was not a documented one."""

    operations: int
    tested: int
    cases: int
    failures: int
    errors: int
    stopped: str
    seconds: float


def run(
    url: str, token: str, *, examples: int, seconds: int | None = None, phases: str = PHASES
) -> tuple[Counts, str]:
    """Ask the API at this address, and return the counts and the report for people."""
    with tempfile.TemporaryDirectory(prefix="psa-schemathesis-") as folder:
        config, report = Path(folder) / "schemathesis.toml", Path(folder) / "report.json"
        config.write_text(_config(_ids(url, token)))
        limit = [] if seconds is None else ["--max-time", str(seconds)]
        # The command line, not the library: its report is the stable interface.
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"),
            *(f"{url}/docs/openapi.json", "--url", url, "--no-color"),
            *("--checks", ",".join(CHECKS), "--phases", phases),
            *("--max-examples", str(examples), "--seed", str(SEED), "--continue-on-failure"),
            *("--generation-database", "none", "--suppress-health-check", "all"),
            *("--header", f"Authorization: Bearer {token}", "--warnings", "off"),
            *("--report", "json", "--report-json-path", str(report), *limit),
        ]
        told = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
        if not report.exists():
            raise RuntimeError(told.stdout + told.stderr)
        return _counts(json.loads(report.read_text())), told.stdout + told.stderr


def _ids(url: str, token: str) -> dict[str, list[str]]:
    """Return ids of records that are there, as the API itself lists them."""
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}) as client:
        lists = {kind: client.get(f"/api/v1/{kind}?limit=20").json()["data"] for kind in KINDS}
    return {kind: [row["id"] for row in rows] for kind, rows in lists.items() if rows}


def _config(ids: dict[str, list[str]]) -> str:
    """Return the configuration that lets ids be those of records that are there."""
    known = [f"[dictionaries.{kind}]\nvalues = {json.dumps(ids[kind])}" for kind in ids]
    paths = [
        f'[[operations]]\ninclude-path-regex = "^/api/v1/{kind}/[{{]id"\n'
        f"[operations.parameters]\n{_binding('path.id', kind)}"
        for kind in ids
    ]
    fields = {
        "customer_id": "customers",
        "contact_id": "contacts",
        "location_id": "locations",
        "into": "customers",
        "group_id": "groups",
        "assignee_id": "users",
    }
    bodies = [_binding(f"body.{f}", kind) for f, kind in fields.items() if kind in ids]
    return "\n".join([*known, "[parameters]", *bodies, *paths])


def _binding(parameter: str, dictionary: str) -> str:
    return f'"{parameter}" = {{ dictionary = "{dictionary}", probability = {OFTEN} }}'


def _counts(report: dict[str, Any]) -> Counts:
    return Counts(
        operations=report["operations"]["total"],
        tested=report["operations"]["tested"],
        cases=report["test_cases"]["generated"],
        failures=report["test_cases"]["with_failures"],
        errors=len(report["errors"]),
        stopped=report["stop_reason"],
        seconds=round(report["running_time"], 1),
    )


def main(
    url: Annotated[str, typer.Option(help="Where the API answers, e.g. http://127.0.0.1:8080.")],
    token: Annotated[str, typer.Option(help="A bearer token, as `psa token --role admin` gives.")],
    examples: Annotated[int, typer.Option(min=1, help="Cases for each operation.")] = 100,
    phases: Annotated[str, typer.Option(help="How cases are made.")] = PHASES,
) -> None:
    """Ask a running API everything its description allows."""
    counts, told = run(url.rstrip("/"), token, examples=examples, phases=phases)
    print(msgspec.json.encode(counts).decode())
    if counts.failures or counts.errors:
        print(told, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    typer.run(main)
