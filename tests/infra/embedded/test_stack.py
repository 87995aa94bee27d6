"""The stack as a whole: starting, answering, keeping, stopping, refusing."""

import asyncio
import os
import socket
import sys
from pathlib import Path

import msgspec
import nats
import psycopg
import pytest
import redis

from infra.embedded import EmbeddedError, Stack, Urls
from tests.infra.embedded.scripts import is_running

Shared = tuple[Stack, Urls, Path]
SEEN_BY_OTHERS = ("cmdline", "environ")
WHO = "select current_user || '@' || current_database()"


async def remember_message(url: str) -> None:
    connection = await nats.connect(url)
    await connection.jetstream().add_stream(name="kept", subjects=["kept"])
    await connection.jetstream().publish("kept", b"fact")
    await connection.close()


async def remembered_message(url: str) -> bytes | None:
    connection = await nats.connect(url)
    message = await connection.jetstream().get_last_msg("kept", "kept")
    await connection.close()
    return message.data


def value(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    return None if row is None else row[0]


def test_every_server_answers_at_its_address(shared: Shared) -> None:
    _, urls, _ = shared

    assert value(urls.postgres, WHO) == "psa_app@psa"
    assert value(urls.postgres_owner, "select current_user") == "psa_owner"
    assert value(urls.keys, WHO) == "psa_keys_app@psa_keys"
    assert value(urls.keys_owner, WHO) == "psa_keys_owner@psa_keys"
    assert redis.Redis.from_url(urls.redis).ping()
    asyncio.run(remember_message(urls.nats))
    assert asyncio.run(remembered_message(urls.nats)) == b"fact"
    assert urls.opensearch is None


def test_starting_a_started_stack_gives_the_same_addresses(shared: Shared) -> None:
    stack, urls, _ = shared

    assert stack.start() == urls


def test_each_server_runs_in_a_session_of_its_own_and_has_a_log(shared: Shared) -> None:
    stack, _, home = shared

    services = stack.services()

    assert [service.name for service in services] == ["postgres", "keys", "nats", "valkey"]
    assert all(service.process.poll() is None for service in services)
    assert all(os.getsid(service.process.pid) == service.process.pid for service in services)
    assert all(service.log == home / "logs" / f"{service.name}.log" for service in services)


def test_data_is_kept_between_starts(home: Path) -> None:
    with Stack(home, external={}) as stack:
        urls = stack.start()
        with psycopg.connect(urls.postgres_owner) as connection:
            connection.execute("create table kept as select 'fact' as name")
        with psycopg.connect(urls.keys_owner) as connection:
            connection.execute("create table kept as select 'key' as name")
        redis.Redis.from_url(urls.redis).set("kept", "fact")
        asyncio.run(remember_message(urls.nats))

    with Stack(home, external={}) as stack:
        again = stack.start()

        assert again == urls
        assert value(again.postgres_owner, "select name from kept") == "fact"
        assert value(again.keys_owner, "select name from kept") == "key"
        assert redis.Redis.from_url(again.redis).get("kept") == b"fact"
        assert asyncio.run(remembered_message(again.nats)) == b"fact"


def test_stopping_leaves_no_process(home: Path) -> None:
    stack = Stack(home, external={}, durable=False)
    stack.start()
    pids = [service.process.pid for service in stack.services()]

    stack.stop()

    assert not any(is_running(pid) for pid in pids)
    assert not list((home / "run").glob("*.pid"))
    assert stack.services() == []


def test_a_stack_that_never_started_can_be_stopped(home: Path) -> None:
    Stack(home, external={}).stop()

    assert not home.exists()


def test_a_stopped_stack_can_start_again(home: Path) -> None:
    stack = Stack(home, external={}, durable=False)
    urls = stack.start()
    stack.stop()

    with stack:
        assert stack.start() == urls


def test_a_second_stack_on_the_same_home_is_refused_with_the_pid_of_the_first(
    shared: Shared,
) -> None:
    _, urls, home = shared

    with pytest.raises(EmbeddedError, match=f"in use by process {os.getpid()}; stop that one"):
        Stack(home, external={}).start()

    assert value(urls.postgres, "select 1") == 1


def test_two_stacks_with_homes_of_their_own_run_side_by_side(shared: Shared, home: Path) -> None:
    _, urls, _ = shared

    with Stack(home, external={}, durable=False) as stack:
        others = stack.start()

        assert value(others.postgres, "select 1") == value(urls.postgres, "select 1")
        assert others.nats != urls.nats


def test_a_port_that_was_taken_meanwhile_is_replaced(home: Path) -> None:
    with Stack(home, external={}, durable=False) as stack:
        before = stack.start()
    port = msgspec.json.decode((home / "run" / "ports.json").read_bytes())["nats"]

    with (
        socket.create_server(("127.0.0.1", port)),
        Stack(home, external={}, durable=False) as stack,
    ):
        after = stack.start()

    assert after.nats != before.nats
    assert after.redis == before.redis


def test_a_given_url_replaces_its_server(shared: Shared, home: Path) -> None:
    _, urls, _ = shared
    external = {
        "PSA_POSTGRES_URL": urls.postgres,
        "PSA_POSTGRES_OWNER_URL": urls.postgres_owner,
        "PSA_NATS_URL": urls.nats,
    }

    with Stack(home, external=external, durable=False) as stack:
        mixed = stack.start()

        assert [service.name for service in stack.services()] == ["keys", "valkey"]
        assert (mixed.postgres, mixed.postgres_owner, mixed.nats) == (
            urls.postgres,
            urls.postgres_owner,
            urls.nats,
        )
        assert mixed.redis != urls.redis
        assert mixed.keys != urls.keys


def test_a_stack_of_given_urls_starts_nothing_and_writes_nothing(home: Path) -> None:
    external = {
        "PSA_POSTGRES_URL": "postgresql://db",
        "PSA_KEYS_URL": "postgresql://vault",
        "PSA_NATS_URL": "nats://bus",
        "PSA_REDIS_URL": "redis://cache",
        "PSA_OPENSEARCH_URL": "http://search",
    }

    urls = Stack(home, external=external, opensearch=True).start()

    assert urls == Urls(
        postgres="postgresql://db",
        postgres_owner="postgresql://db",
        keys="postgresql://vault",
        keys_owner="postgresql://vault",
        nats="nats://bus",
        redis="redis://cache",
        opensearch="http://search",
    )
    assert not home.exists()


@pytest.mark.parametrize("database", ["POSTGRES", "KEYS"])
def test_an_owner_without_an_application_is_refused(home: Path, database: str) -> None:
    external = {f"PSA_{database}_OWNER_URL": "postgresql://owner@db"}

    with pytest.raises(
        EmbeddedError, match=f"{database}_OWNER_URL is given without PSA_{database}_"
    ):
        Stack(home, external=external)


def test_a_home_that_can_not_be_written_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(EmbeddedError, match=r"The folder .*/file/home can not be used .*PSA_HOME"):
        Stack(tmp_path / "file" / "home", external={}).start()


def test_a_server_that_can_not_start_ends_the_others_and_is_quoted(home: Path) -> None:
    (home / "valkey").mkdir(parents=True)
    (home / "valkey" / "appendonlydir").touch()
    stack = Stack(home, external={}, durable=False)

    with pytest.raises(
        EmbeddedError, match=r"(?s)The server valkey ended with status 1; its log .*Can't open"
    ):
        stack.start()

    assert stack.services() == []
    assert not list((home / "run").glob("*.pid"))


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_no_password_is_shown(shared: Shared) -> None:
    stack, urls, home = shared
    passwords = msgspec.json.decode((home / "passwords.json").read_bytes(), type=dict[str, str])
    logs = [service.log.read_text() for service in stack.services()]
    processes = [Path(f"/proc/{service.process.pid}") for service in stack.services()]
    known = [(process / file).read_text() for process in processes for file in SEEN_BY_OTHERS]

    shown = [repr(urls), *logs, *known]
    assert not [text for text in shown if any(secret in text for secret in passwords.values())]


def test_only_the_owner_may_read_what_the_stack_writes(shared: Shared) -> None:
    _, _, home = shared

    open_to_others = [path for path in home.rglob("*") if path.lstat().st_mode & 0o077]

    # The sockets are open by PostgreSQL's choice; their folders are not.
    assert {path.name for path in open_to_others} == {".s.PGSQL.5432"}


def test_a_server_that_was_killed_is_started_again_where_it_was(home: Path) -> None:
    with Stack(home, external={}, durable=False) as stack:
        urls = stack.start()
        nats = next(service for service in stack.services() if service.name == "nats")
        nats.process.kill()
        nats.process.wait()

        assert stack.revive() == ["nats"]

        assert stack.revive() == []
        assert stack.start() == urls
