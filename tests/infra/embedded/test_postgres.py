"""PostgreSQL: who may do what, where it listens, and how it recovers."""

import os
import signal
import sys
from pathlib import Path

import msgspec
import psycopg
import pytest
from psycopg import conninfo, errors

from infra.embedded import EmbeddedError, Stack, Urls, launch
from infra.embedded.clusters import KEYS, LOG, Cluster
from infra.embedded.initdb import initialise
from infra.embedded.passwords import Passwords
from tests.infra.embedded.scripts import (
    START,
    SUPERVISE,
    is_running,
    run,
    script,
    supervisor,
    until,
)

Shared = tuple[Stack, Urls, Path]
ELSEWHERE = {
    "PSA_KEYS_URL": "postgresql://vault",
    "PSA_NATS_URL": "nats://bus",
    "PSA_REDIS_URL": "redis://cache",
}


clusters = pytest.mark.parametrize("cluster", [LOG, KEYS], ids=lambda cluster: cluster.name)


def postgres_only(home: Path, *, durable: bool = False) -> Stack:
    return Stack(home, external=ELSEWHERE, durable=durable)


def setting(url: str, name: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("select current_setting(%s)", [name]).fetchone()
    assert row is not None
    return str(row[0])


def test_the_owner_creates_databases_and_trusted_extensions(shared: Shared) -> None:
    _, urls, _ = shared

    with psycopg.connect(urls.postgres_owner, autocommit=True) as owner:
        owner.execute("create extension pg_trgm")
        owner.execute("create extension unaccent")
        owner.execute("create database another")

        row = owner.execute("select unaccent('Größe'), lower('ÄÖÜ'), 'wort' % 'worte'").fetchone()
        assert row == ("Grosse", "äöü", True)
        owner.execute("drop database another")


@clusters
def test_the_owner_is_no_superuser_and_may_act_as_the_application(
    shared: Shared, cluster: Cluster
) -> None:
    accounts, urls = cluster.accounts, shared[1].by_name()

    with psycopg.connect(urls[cluster.owner_url]) as owner:
        owner.execute(f"set role {accounts.app}".encode())

        assert owner.execute("select current_user, session_user").fetchone() == (
            accounts.app,
            accounts.owner,
        )
        assert owner.execute(
            "select rolsuper, rolcreatedb, rolcreaterole from pg_roles where rolname = session_user"
        ).fetchone() == (False, True, False)


@clusters
@pytest.mark.parametrize(
    "statement",
    [
        "create table mine (id int)",
        "create temporary table mine (id int)",
        "create schema mine",
        "create database mine",
        "create role mine",
        "set role {owner}",
    ],
)
def test_the_application_may_only_connect(shared: Shared, cluster: Cluster, statement: str) -> None:
    urls = shared[1].by_name()

    with (
        psycopg.connect(urls[cluster.url], autocommit=True) as app,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        app.execute(statement.format(owner=cluster.accounts.owner).encode())


def test_the_application_may_not_connect_to_other_databases(shared: Shared) -> None:
    _, urls, _ = shared

    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(urls.postgres, dbname="postgres")


@pytest.mark.parametrize("role", ["psa_app", "psa_owner", "postgres"])
def test_nobody_logs_in_without_the_password(shared: Shared, role: str) -> None:
    _, urls, _ = shared
    guessed = conninfo.make_conninfo(urls.postgres, user=role, password="guess")

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(guessed)


def test_passwords_are_kept_as_scram_verifiers(shared: Shared) -> None:
    _, urls, home = shared
    passwords = Passwords.kept_in(home / "passwords.json")

    with psycopg.connect(
        urls.postgres_owner, user="postgres", password=passwords.postgres
    ) as superuser:
        rows = superuser.execute("select rolpassword from pg_authid where rolcanlogin").fetchall()

    assert len(rows) == 4
    assert all(str(row[0]).startswith("SCRAM-SHA-256$") for row in rows)


def test_text_is_utf8_and_sorted_the_same_everywhere(shared: Shared) -> None:
    _, urls, _ = shared

    with psycopg.connect(urls.postgres) as connection:
        row = connection.execute(
            "select pg_encoding_to_char(encoding), datlocprovider, datlocale"
            " from pg_database where datname = 'psa'"
        ).fetchone()

    assert row == ("UTF8", "b", "C.UTF-8")


def test_only_tests_may_forget(shared: Shared, home: Path) -> None:
    _, forgetful, _ = shared

    with postgres_only(home, durable=True) as stack:
        durable = stack.start()

        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert setting(durable.postgres, name) == "on"
            assert setting(forgetful.postgres, name) == "off"


@pytest.mark.parametrize("name", ["x" * 100, "a,b"])
def test_a_path_that_can_not_hold_a_socket_gets_a_loopback_port(home: Path, name: str) -> None:
    with postgres_only(home / name) as stack:
        urls = stack.start()

        assert conninfo.conninfo_to_dict(urls.postgres)["host"] == "127.0.0.1"
        assert setting(urls.postgres, "listen_addresses") == "127.0.0.1"


def test_a_path_with_unusual_characters_holds_a_socket(home: Path) -> None:
    with postgres_only(home / 'Büro\'s "data" 50%') as stack:
        urls = stack.start()

        assert setting(urls.postgres, "listen_addresses") == ""


def test_a_kill_between_the_first_start_and_the_roles_is_survived(home: Path) -> None:
    home.mkdir()
    passwords = Passwords.kept_in(home / "passwords.json")
    initialise(home / "postgres", passwords.postgres, account=account(), durable=False)

    with postgres_only(home) as stack:
        assert setting(stack.start().postgres, "server_version").startswith("18.")


def account() -> str:
    return launch.NAMESPACE if os.geteuid() == 0 and sys.platform == "linux" else launch.CALLER


def test_a_kill_in_the_middle_of_the_first_start_is_survived(home: Path) -> None:
    command = script(START, str(home))
    child = os.posix_spawn(command[0], command, os.environ)
    assert until(lambda: bool(list(home.glob("postgres.new-*/data/PG_VERSION"))))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert not (home / "postgres").exists()

    with postgres_only(home) as stack:
        assert setting(stack.start().postgres, "server_version").startswith("18.")

    assert not list(home.glob("postgres.new-*"))


def test_a_pid_file_that_names_a_stranger_is_no_obstacle(home: Path) -> None:
    with postgres_only(home) as stack:
        stack.start()
    stranger = str(os.getpid())
    (home / "postgres" / "postmaster.pid").write_text(f"{stranger}\n{home}/postgres\n")
    (home / "run" / "postgres" / ".s.PGSQL.5432.lock").write_text(f"{stranger}\n")
    (home / "run" / "postgres" / ".s.PGSQL.5432").touch()

    with postgres_only(home) as stack:
        assert setting(stack.start().postgres, "server_version").startswith("18.")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere PostgreSQL itself refuses")
def test_a_postgres_that_an_administrator_started_is_named_and_left_alone(home: Path) -> None:
    with supervisor(*script(SUPERVISE, str(home))) as (_, (pid, *_)):
        (home / "run" / "postgres.pid").unlink()
        (home / "run" / "lock").unlink()

        with pytest.raises(EmbeddedError, match=rf"Another PostgreSQL \(pid {pid}\) works on "):
            postgres_only(home).start()

        assert is_running(pid)
    assert until(lambda: not is_running(pid))


def test_passwords_that_do_not_fit_the_data_are_named_with_the_way_out(home: Path) -> None:
    with postgres_only(home) as stack:
        stack.start()
    (home / "passwords.json").unlink()

    with pytest.raises(EmbeddedError, match=r"refuses the passwords kept in .* restore"):
        postgres_only(home).start()


def test_a_full_disk_is_reported_in_the_words_of_the_server(home: Path) -> None:
    limited = f"import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))\n{START}"

    ended = run(script(limited, str(home)))

    assert "EmbeddedError: PostgreSQL could not be initialised" in ended.stderr
    assert "File too large" in ended.stderr
    secrets = msgspec.json.decode((home / "passwords.json").read_bytes(), type=dict[str, str])
    assert not any(secret in ended.stderr for secret in secrets.values())
