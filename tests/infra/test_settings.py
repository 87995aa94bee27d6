"""What the environment decides, and what a running stack leaves for other commands."""

import stat
from pathlib import Path

import pytest

from infra.embedded import Urls
from infra.settings import Settings, SettingsError, find_urls, publish_urls, read_settings

SECRET = "s3cret"
URLS = Urls(
    postgres=f"postgresql://psa_app:{SECRET}@127.0.0.1:5432/psa",
    postgres_owner=f"postgresql://psa:{SECRET}@127.0.0.1:5432/psa",
    nats=f"nats://psa:{SECRET}@127.0.0.1:4222",
    redis=f"redis://:{SECRET}@127.0.0.1:6379",
    opensearch=None,
)
EXTERNAL = {
    "PSA_POSTGRES_URL": "postgresql://db/psa",
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


def test_only_what_is_missing_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"or set PSA_REDIS_URL\.$"):
        find_urls(
            Settings(
                home=tmp_path,
                external={n: u for n, u in EXTERNAL.items() if n != "PSA_REDIS_URL"},
            )
        )


def test_given_addresses_need_no_running_stack(tmp_path: Path) -> None:
    urls = find_urls(Settings(home=tmp_path, external=EXTERNAL))

    assert urls.postgres == urls.postgres_owner == "postgresql://db/psa"
    assert (urls.nats, urls.redis, urls.opensearch) == ("nats://broker", "redis://cache", None)


def test_a_running_stack_is_found(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)

    publish_urls(settings, URLS)

    assert find_urls(settings) == URLS


def test_a_given_address_goes_before_the_running_stack(tmp_path: Path) -> None:
    publish_urls(Settings(home=tmp_path), URLS)

    urls = find_urls(Settings(home=tmp_path, external={"PSA_OPENSEARCH_URL": "http://node"}))

    assert (urls.opensearch, urls.nats) == ("http://node", URLS.nats)


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
