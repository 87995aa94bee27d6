"""An architecture rule counts only after it has been seen to fail."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "eventstore", "projections", "commands", "readapi", "infra")

PLANTED = {
    "folders": ("eventstore/records.py", "import commands.desk.tickets"),
    "domain": ("domain/desk/tickets/work.py", "import domain.customers.customers"),
    "pure": ("domain/rules.py", "import psycopg"),
    "web": ("commands/dispatch.py", "import litestar"),
    "drivers": ("infra/gateway.py", "import infra.drivers.jetstream"),
    "views": ("commands/desk/tickets/work.py", "import projections.desk.tickets"),
    "queries": ("readapi/desk/tickets.py", "import eventstore.mapper"),
}
"""For each contract of pyproject.toml a file and an import that it must refuse."""


def contracts() -> list[dict[str, str]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return list(settings["tool"]["importlinter"]["contracts"])


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the linter says of each contract once all that is forbidden is planted, in one run."""
    copy = tmp_path_factory.mktemp("planted")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    for path, statement in PLANTED.values():
        file = copy / path
        file.write_text(f"{file.read_text()}\n{statement}\n")
    (copy / "domain" / "unlisted.py").write_text('"""A module that nobody listed."""\n')
    run = lint(copy)
    assert run.returncode == 1, run.stdout + run.stderr
    _, _, broken = run.stdout.partition("Broken contracts")
    # Each contract is headed by its underlined name.
    heads = {contract["name"]: contract["id"] for contract in contracts()}
    parts = re.split(rf"^({'|'.join(map(re.escape, heads))})\n-+\n", broken, flags=re.MULTILINE)
    return {heads[name]: text for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as run; run()",
            "--no-cache",
        ],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_contract_has_been_seen_to_fail() -> None:
    assert sorted(PLANTED) == sorted(contract["id"] for contract in contracts())


@pytest.mark.parametrize("contract", sorted(PLANTED))
def test_a_forbidden_import_is_refused(said: dict[str, str], contract: str) -> None:
    path, statement = PLANTED[contract]

    refused = said[contract]

    importer = path.removesuffix(".py").replace("/", ".")
    imported = statement.removeprefix("import ")
    assert any(importer in line and f"-> {imported}" in line for line in refused.splitlines()), (
        refused
    )


def test_a_domain_module_without_a_place_is_refused(said: dict[str, str]) -> None:
    assert "domain.unlisted" in said["domain"]
