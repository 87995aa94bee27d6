"""The servers of the suite: real ones, started once, shared by all workers and all tests.

They are started by the process that steers the run and found through the environment, so that
`pytest -n 2` shares them too. Each test that needs Postgres gets a database of its own, copied
from a migrated template. `pytest -m "not servers"` starts nothing.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import msgspec
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.errors import InsufficientPrivilege
from psycopg.sql import SQL, Identifier

from eventstore.migrate import KEYS, migrate
from infra.embedded import Stack, Urls
from infra.embedded.opensearch import missing

TEMPLATE = "psa_template"
APP_ROLE = "psa_app"
KEYS_APP_ROLE = "psa_keys_app"
SERVERS = "PSA_TEST_SERVERS"
"""Folder of the running test servers."""
DROP_SECONDS = 10.0
"""How long another's worker may stay in a database that is dropped."""
REAL_DATA = Path(os.environ.get("PSA_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))

NEEDS_SERVERS = {"urls", "database", "opensearch_url", "nats_url"}


class Database(msgspec.Struct, frozen=True):
    """A migrated database of one test."""

    url: str
    """For the application's role, which may append but not change."""
    owner_url: str


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers in the steering process, unless no test can need them."""
    if hasattr(config, "workerinput") or config.option.markexpr == "not servers":
        return
    if config.option.collectonly or config.option.help:
        return
    home = Path(tempfile.mkdtemp(prefix="psa-test-"))
    stack = Stack(home, external={}, durable=False)
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    config.add_cleanup(stack.stop)
    urls = stack.start()
    (home / "urls.json").write_bytes(msgspec.json.encode(urls))
    os.environ[SERVERS] = str(home)
    os.environ["PSA_TEST_POSTGRES_URL"] = urls.postgres
    os.environ["PSA_TEST_POSTGRES_OWNER_URL"] = urls.postgres_owner
    os.environ["PSA_TEST_NATS_URL"] = urls.nats
    os.environ["PSA_TEST_REDIS_URL"] = urls.redis
    _make_template(urls.postgres_owner)
    migrate(urls.keys_owner, app_role=KEYS_APP_ROLE, schema=KEYS)


def _make_template(owner_url: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(SQL("create database {}").format(Identifier(TEMPLATE)))
    template = make_conninfo(owner_url, dbname=TEMPLATE)
    migrate(template, app_role=APP_ROLE)
    # A test has its keys beside its log; the platform has them in a cluster of their own.
    migrate(template, app_role=APP_ROLE, schema=KEYS)


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that uses servers or real data, whatever its file says."""
    for item in items:
        used = set(getattr(item, "fixturenames", ()))
        if "infra/embedded" in item.path.as_posix():
            item.add_marker(pytest.mark.servers)  # they start servers of their own
        if NEEDS_SERVERS & used:
            item.add_marker(pytest.mark.servers)
        if "real_data" in used:
            item.add_marker(pytest.mark.real_data)
        if "opensearch_url" in used:
            item.add_marker(pytest.mark.opensearch)
            # One node is enough: all of its tests go to the same worker.
            item.add_marker(pytest.mark.xdist_group("opensearch"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests ran on real servers and on real data."""
    reports = [r for key in ("passed", "failed") for r in terminalreporter.stats.get(key, [])]
    counts = {
        "real servers": sum("servers" in r.keywords for r in reports),
        "real data": sum("real_data" in r.keywords for r in reports),
        "OpenSearch": sum("opensearch" in r.keywords for r in reports),
    }
    line = ", ".join(f"{count} on {what}" for what, count in counts.items())
    terminalreporter.write_line(f"Of these tests ran {line}.")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a skipped test is a failed run: there everything a test needs is present."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped") and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line("Skipped tests are not accepted in CI.", red=True)


@pytest.fixture(scope="session")
def urls() -> Urls:
    """Where the shared servers answer."""
    return msgspec.json.decode((Path(os.environ[SERVERS]) / "urls.json").read_bytes(), type=Urls)


@pytest.fixture(scope="session")
def nats_url(urls: Urls) -> str:
    """The shared NATS server; use a stream name of your own."""
    return urls.nats


@pytest.fixture
def database(urls: Urls) -> Iterator[Database]:
    """A migrated database for this test alone."""
    with own_database(urls, "test") as database:
        yield database


@contextmanager
def own_database(urls: Urls, purpose: str, template: str = TEMPLATE) -> Iterator[Database]:
    """Give a database of one's own, and drop it afterwards; its name begins with the purpose."""
    name = f"{purpose}_{uuid4().hex[:12]}"
    with psycopg.connect(urls.postgres_owner, autocommit=True) as owner:
        owner.execute(
            SQL("create database {} template {}").format(Identifier(name), Identifier(template))
        )
        yield Database(
            url=make_conninfo(urls.postgres, dbname=name),
            owner_url=make_conninfo(urls.postgres_owner, dbname=name),
        )
        drop_database(owner, name)


def drop_database(owner: psycopg.Connection, name: str) -> None:
    """Drop a database with all of its sessions.

    An autovacuum worker in it belongs to no role, so that only a superuser could end it: it is
    waited for.
    """
    deadline = time.monotonic() + DROP_SECONDS
    while True:
        try:
            owner.execute(SQL("drop database {} with (force)").format(Identifier(name)))
        except InsufficientPrivilege:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


@pytest.fixture(scope="session")
def opensearch_url(urls: Urls) -> Iterator[str]:
    """A real OpenSearch node, started for the first test that needs one."""
    if lacking := missing():
        pytest.skip(" ".join(lacking))
    home = Path(os.environ[SERVERS]) / "search"
    with Stack(home, external=urls.by_name(), opensearch=True, durable=False) as stack:
        yield stack.start().opensearch or ""


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data; it is no part of the project."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"The real data is not there: {REAL_DATA} (set PSA_REAL_DATA)")
    return REAL_DATA
