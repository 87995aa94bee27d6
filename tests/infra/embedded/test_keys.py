"""The cluster of the keys beside that of the log: what it shares with it, and what it must not."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo, errors

from infra.embedded import Stack, Urls
from infra.embedded.initdb import remove_unfinished
from infra.embedded.passwords import Passwords

Shared = tuple[Stack, Urls, Path]
ELSEWHERE = {
    "PSA_POSTGRES_URL": "postgresql://db",
    "PSA_NATS_URL": "nats://bus",
    "PSA_REDIS_URL": "redis://cache",
}
CLUSTERS = ("postgres", "keys")
# The files first: the server may go on to the next one meanwhile.
KEPT_FOR_USE_AGAIN = """
    with files as materialized (select max(name) as latest from pg_ls_waldir())
    select latest, pg_walfile_name(pg_current_wal_insert_lsn()) from files
"""


def keys_only(home: Path, *, durable: bool = False) -> Stack:
    return Stack(home, external=ELSEWHERE, durable=durable)


def setting(url: str, name: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("select current_setting(%s)", [name]).fetchone()
    assert row is not None
    return str(row[0])


def system(url: str) -> int:
    """Return the number that each cluster draws for itself when it is initialised."""
    with psycopg.connect(url) as connection:
        row = connection.execute("select system_identifier from pg_control_system()").fetchone()
    assert row is not None
    return int(row[0])


@contextmanager
def superuser(shared: Shared, cluster: str) -> Iterator[psycopg.Connection]:
    _, urls, home = shared
    password = getattr(Passwords.kept_in(home / "passwords.json"), cluster)
    with psycopg.connect(
        getattr(urls, cluster), user="postgres", password=password, autocommit=True
    ) as connection:
        yield connection


def test_the_keys_lie_in_another_cluster_than_the_log(shared: Shared) -> None:
    _, urls, _ = shared

    assert system(urls.keys) == system(urls.keys_owner)
    assert system(urls.keys) != system(urls.postgres)


@pytest.mark.parametrize(
    ("account", "other"),
    [
        ("postgres", "keys"),
        ("postgres_owner", "keys"),
        ("keys", "postgres"),
        ("keys_owner", "postgres"),
    ],
)
def test_the_roles_of_one_cluster_can_not_log_into_the_other(
    shared: Shared, account: str, other: str
) -> None:
    _, urls, _ = shared
    login = conninfo.conninfo_to_dict(getattr(urls, account))
    there = conninfo.make_conninfo(
        getattr(urls, other), user=login["user"], password=login["password"]
    )

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(there)


@pytest.mark.parametrize(("cluster", "other"), [CLUSTERS, CLUSTERS[::-1]])
def test_the_superuser_of_one_cluster_is_a_stranger_to_the_other(
    shared: Shared, cluster: str, other: str
) -> None:
    _, urls, home = shared
    password = getattr(Passwords.kept_in(home / "passwords.json"), cluster)

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(getattr(urls, other), user="postgres", password=password)


def test_the_cluster_of_the_keys_is_the_smaller_one(shared: Shared) -> None:
    _, urls, _ = shared
    names = ("max_connections", "shared_buffers", "max_wal_size", "min_wal_size", "autovacuum")

    assert [setting(urls.keys, name) for name in names] == ["100", "16MB", "128MB", "32MB", "on"]
    assert [setting(urls.postgres, name) for name in names[:3]] == ["200", "256MB", "2GB"]


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_wal_that_is_done_with_is_not_kept_for_use_again(shared: Shared, cluster: str) -> None:
    with superuser(shared, cluster) as connection:
        for _ in range(3):
            connection.execute("select pg_logical_emit_message(true, 'key', 'destroyed')")
            connection.execute("select pg_switch_wal()")
            connection.execute("checkpoint")

        row = connection.execute(KEPT_FOR_USE_AGAIN).fetchone()

    assert row is not None
    assert row[0] == row[1]


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_what_a_statement_carries_does_not_reach_the_servers_log(
    shared: Shared, cluster: str
) -> None:
    stack, urls, _ = shared
    with (
        psycopg.connect(getattr(urls, cluster)) as connection,
        pytest.raises(errors.InvalidTextRepresentation),
    ):
        connection.execute("select 'an unguarded key'::int")

    log = next(service.log for service in stack.services() if service.name == cluster).read_text()

    assert "invalid input syntax" in log
    assert "select 'an" not in log


def test_only_tests_may_forget_keys(shared: Shared, home: Path) -> None:
    _, forgetful, _ = shared

    with keys_only(home, durable=True) as stack:
        durable = stack.start()

        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert setting(durable.keys, name) == "on"
            assert setting(forgetful.keys, name) == "off"


def test_a_log_that_is_given_by_url_has_its_keys_here(home: Path) -> None:
    with keys_only(home) as stack:
        urls = stack.start()

        assert [service.name for service in stack.services()] == ["keys"]
        assert urls.postgres == "postgresql://db"
        assert setting(urls.keys, "server_version").startswith("18.")


def test_the_clusters_get_ports_of_their_own_where_a_path_can_not_hold_a_socket(
    home: Path,
) -> None:
    external = {name: url for name, url in ELSEWHERE.items() if name != "PSA_POSTGRES_URL"}

    with Stack(home / ("x" * 100), external=external, durable=False) as stack:
        urls = stack.start()

        hosts = [conninfo.conninfo_to_dict(url)["host"] for url in (urls.postgres, urls.keys)]
        assert hosts == ["127.0.0.1", "127.0.0.1"]
        assert system(urls.keys) != system(urls.postgres)


def test_a_killed_server_is_revived_with_the_keys_it_had(home: Path) -> None:
    with keys_only(home, durable=True) as stack:
        urls = stack.start()
        with psycopg.connect(urls.keys_owner) as owner:
            owner.execute("create table kept as select 'key' as name")
        (service,) = stack.services()
        service.process.kill()
        service.process.wait()

        assert stack.revive() == ["keys"]

        with psycopg.connect(urls.keys_owner) as owner:
            assert owner.execute("select name from kept").fetchone() == ("key",)


def test_what_an_interrupted_first_start_left_is_removed_beside_its_own_data_only(
    tmp_path: Path,
) -> None:
    for name in ("postgres.new-1", "keystore.new-1", "keystore.new-2", "keystore"):
        (tmp_path / name / "data").mkdir(parents=True)

    remove_unfinished(tmp_path / "keystore")

    assert {path.name for path in tmp_path.iterdir()} == {"postgres.new-1", "keystore"}
