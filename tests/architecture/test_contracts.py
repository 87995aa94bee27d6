"""An architecture rule counts only after it has been seen to fail."""

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
    "slices": ("domain/desk/tickets/work.py", "import domain.desk.groups"),
    "pure": ("domain/rules.py", "import psycopg"),
    "web": ("commands/dispatch.py", "import litestar"),
    "drivers": ("infra/gateway.py", "import infra.drivers.jetstream"),
    "views": ("commands/desk/tickets.py", "import projections.desk.tickets"),
    "queries": ("readapi/desk/tickets.py", "import eventstore.mapper"),
}
"""For each contract of pyproject.toml a file and an import that it must refuse."""


def contracts() -> list[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return [contract["id"] for contract in settings["tool"]["importlinter"]["contracts"]]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(folder: Path, contract: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as run; run()",
            "--contract",
            contract,
            "--no-cache",
        ],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_contract_has_been_seen_to_fail() -> None:
    assert sorted(PLANTED) == sorted(contracts())


@pytest.mark.parametrize("contract", sorted(PLANTED))
def test_a_forbidden_import_is_refused(copy: Path, contract: str) -> None:
    path, statement = PLANTED[contract]
    file = copy / path
    file.write_text(f"{file.read_text()}\n{statement}\n")

    run = lint(copy, contract)

    assert run.returncode == 1, run.stdout + run.stderr
    assert "1 broken" in run.stdout


def test_a_domain_module_without_a_place_is_refused(copy: Path) -> None:
    planted = copy / "domain" / "unlisted.py"
    assert not planted.exists()
    planted.write_text('"""A slice that nobody listed."""\n')

    run = lint(copy, "domain")

    assert run.returncode == 1
    assert "unlisted" in run.stdout
