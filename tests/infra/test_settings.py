"""What the environment decides, and what a running stack leaves for other commands."""

import stat
from pathlib import Path

import msgspec
import pytest

from infra.embedded import Urls
from infra.settings import Settings, SettingsError, find_urls, publish_urls, read_settings

SECRET = "s3cret"
URLS = Urls(
    postgres=f"postgresql://psa_app:{SECRET}@127.0.0.1:5432/psa",
    postgres_owner=f"postgresql://psa:{SECRET}@127.0.0.1:5432/psa",
    keys=f"postgresql://psa_keys_app:{SECRET}@127.0.0.1:5433/psa_keys",
    keys_owner=f"postgresql://psa_keys_owner:{SECRET}@127.0.0.1:5433/psa_keys",
    nats=f"nats://psa:{SECRET}@127.0.0.1:4222",
    redis=f"redis://:{SECRET}@127.0.0.1:6379",
    opensearch=None,
)
EXTERNAL = {
    "PSA_POSTGRES_URL": "postgresql://db/psa",
    "PSA_KEYS_URL": "postgresql://vault/psa_keys",
    "PSA_NATS_URL": "nats://broker",
    "PSA_REDIS_URL": "redis://cache",
}


def test_an_empty_environment_means_the_defaults() -> None:
    settings = read_settings({})

    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.home == Path(".psa").resolve()
    assert settings.external == {}


def test_the_environment_decides(tmp_path: Path) -> None:
    settings = read_settings(
        {"PSA_HOME": str(tmp_path), "PSA_HTTP_HOST": "0.0.0.0", "PSA_HTTP_PORT": "9000", **EXTERNAL}
    )

    assert (settings.home, settings.host, settings.port) == (tmp_path, "0.0.0.0", 9000)
    assert settings.external == EXTERNAL


def test_the_seals_are_anchored_where_the_environment_says(tmp_path: Path) -> None:
    home = read_settings({"PSA_HOME": str(tmp_path)})
    elsewhere = read_settings({"PSA_HOME": str(tmp_path), "PSA_ANCHOR_FILE": "/mnt/a/seals.jsonl"})

    assert home.anchors == tmp_path / "anchors" / "seals.jsonl"
    assert elsewhere.anchors == Path("/mnt/a/seals.jsonl")


def test_an_empty_setting_is_none() -> None:
    settings = read_settings({"PSA_HOME": "", "PSA_HTTP_PORT": "", "PSA_REDIS_URL": ""})

    assert settings == read_settings({})


@pytest.mark.parametrize("port", ["eighty", "80.5", "0", "-1", "65536", "0x50", " "])
def test_a_port_that_is_none_is_refused_by_its_name(port: str) -> None:
    with pytest.raises(SettingsError, match="PSA_HTTP_PORT is not a port"):
        read_settings({"PSA_HTTP_PORT": port})


def test_without_a_running_stack_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"start it with `psa up`, or set PSA_POSTGRES_URL"):
        find_urls(Settings(home=tmp_path))


@pytest.mark.parametrize("missing", EXTERNAL)
def test_only_what_is_missing_is_asked_for(tmp_path: Path, missing: str) -> None:
    external = {name: url for name, url in EXTERNAL.items() if name != missing}

    with pytest.raises(SettingsError, match=rf"or set {missing}\.$"):
        find_urls(Settings(home=tmp_path, external=external))


@pytest.mark.parametrize("database", ["POSTGRES", "KEYS"])
def test_an_owner_without_an_application_is_refused(tmp_path: Path, database: str) -> None:
    publish_urls(Settings(home=tmp_path), URLS)
    external = {f"PSA_{database}_OWNER_URL": "postgresql://owner@db"}

    with pytest.raises(SettingsError, match=f"^PSA_{database}_OWNER_URL is given without PSA_"):
        find_urls(Settings(home=tmp_path, external=external))


def test_given_addresses_need_no_running_stack(tmp_path: Path) -> None:
    urls = find_urls(Settings(home=tmp_path, external=EXTERNAL))

    assert urls.postgres == urls.postgres_owner == "postgresql://db/psa"
    assert urls.keys == urls.keys_owner == "postgresql://vault/psa_keys"
    assert (urls.nats, urls.redis, urls.opensearch) == ("nats://broker", "redis://cache", None)


@pytest.mark.parametrize("node", [None, "http://node"])
def test_a_running_stack_is_found(tmp_path: Path, node: str | None) -> None:
    settings = Settings(home=tmp_path)
    urls = msgspec.structs.replace(URLS, opensearch=node)

    publish_urls(settings, urls)

    assert find_urls(settings) == urls


def test_a_given_address_goes_before_the_running_stack(tmp_path: Path) -> None:
    publish_urls(Settings(home=tmp_path), URLS)

    urls = find_urls(Settings(home=tmp_path, external={"PSA_OPENSEARCH_URL": "http://node"}))

    assert (urls.opensearch, urls.nats) == ("http://node", URLS.nats)


def test_a_given_database_is_not_visited_by_the_owner_of_the_one_it_replaces(
    tmp_path: Path,
) -> None:
    publish_urls(Settings(home=tmp_path), URLS)

    urls = find_urls(Settings(home=tmp_path, external={"PSA_KEYS_URL": EXTERNAL["PSA_KEYS_URL"]}))

    assert urls.keys == urls.keys_owner == EXTERNAL["PSA_KEYS_URL"]
    assert urls.postgres_owner == URLS.postgres_owner


def test_the_addresses_are_for_their_owner_only(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)

    publish_urls(settings, URLS)

    assert stat.S_IMODE(settings.addresses.stat().st_mode) == 0o600
    assert [path.name for path in settings.addresses.parent.iterdir()] == ["addresses.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"PSA_NATS_URL": 7}'])
def test_damaged_addresses_are_told_with_the_way_out(tmp_path: Path, content: bytes) -> None:
    settings = Settings(home=tmp_path)
    publish_urls(settings, URLS)
    settings.addresses.write_bytes(content)

    with pytest.raises(SettingsError, match=r"addresses\.json .* remove it"):
        find_urls(settings)


def test_addresses_are_shown_nowhere() -> None:
    assert SECRET not in repr(URLS)
    assert SECRET not in repr(read_settings({"PSA_REDIS_URL": URLS.redis}))
