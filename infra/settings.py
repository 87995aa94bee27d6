"""What an installation decides for itself, read from the environment (twelve-factor)."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from infra.embedded import Urls
from infra.embedded.urls import NAMES, NEEDED, OWNERS, unpaired

ANCHOR_FILE = "PSA_ANCHOR_FILE"
BACKUP_DIR = "PSA_BACKUP_DIR"
MASTER_KEY_FILE = "PSA_MASTER_KEY_FILE"


class SettingsError(Exception):
    """A setting is missing or can not be read; the message names it and the way out."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one process."""

    home: Path = Path(".psa")
    """Where the embedded servers, the token keys and the addresses are kept (`PSA_HOME`)."""
    host: str = "127.0.0.1"
    """The address the API listens on (`PSA_HTTP_HOST`)."""
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 8080
    """The port the API listens on (`PSA_HTTP_PORT`)."""
    anchor_file: Path | None = None
    """Where every seal is kept outside of the database (`PSA_ANCHOR_FILE`)."""
    master_key_file: Path | None = None
    """The file with the key that wraps people's keys (`PSA_MASTER_KEY_FILE`)."""
    backup_folder: Path | None = None
    """Where backups are kept (`PSA_BACKUP_DIR`)."""
    external: dict[str, str] = {}
    """URLs that replace embedded servers (`PSA_POSTGRES_URL` …)."""

    def __repr__(self) -> str:
        """Leave out the URLs: a log line or a traceback must not carry a password."""
        return f"Settings(home={str(self.home)!r}, host={self.host!r}, port={self.port})"

    @property
    def anchors(self) -> Path:
        """The file that anchors the seals: as the environment says, else in the home."""
        return self.anchor_file or self.home / "anchors" / "seals.jsonl"

    @property
    def master_key(self) -> Path:
        """The file of the master key: as the environment says, else in the home."""
        return self.master_key_file or self.home / "keys" / "master.key"

    @property
    def backups(self) -> Path:
        """The folder of the backups: as the environment says, else in the home."""
        return self.backup_folder or self.home / "backups"

    @property
    def addresses(self) -> Path:
        """The file in which a running stack leaves its addresses, readable for its owner only."""
        return self.home / "run" / "addresses.json"


def read_settings(env: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of this environment; raises `SettingsError`."""
    given = {
        "home": env.get("PSA_HOME"),
        "host": env.get("PSA_HTTP_HOST"),
        "port": env.get("PSA_HTTP_PORT"),
    }
    try:
        settings = msgspec.convert(
            {name: value for name, value in given.items() if value and name != "home"},
            Settings,
            strict=False,
        )
    except msgspec.ValidationError as error:
        msg = f"PSA_HTTP_PORT is not a port: {error}."
        raise SettingsError(msg) from error
    home = Path(given["home"] or ".psa").expanduser().resolve()
    external = {name: env[name] for name in NAMES if env.get(name)}
    return msgspec.structs.replace(
        settings,
        home=home,
        external=external,
        anchor_file=_path(env.get(ANCHOR_FILE)),
        backup_folder=_path(env.get(BACKUP_DIR)),
        master_key_file=_path(env.get(MASTER_KEY_FILE)),
    )


def _path(named: str | None) -> Path | None:
    return Path(named).expanduser().resolve() if named else None


def find_urls(settings: Settings) -> Urls:
    """Return where the services answer: as the environment says, else the running stack.

    Raises `SettingsError` when neither names one that is needed.
    """
    external = settings.external
    if reason := unpaired(external):
        raise SettingsError(reason)
    published = _published(settings.addresses) if settings.addresses.exists() else {}
    # The owner of the stack's own database is nobody in the one that replaces it.
    known = {n: url for n, url in published.items() if OWNERS.get(n) not in external} | external
    missing = [name for name in NEEDED if name not in known]
    if missing:
        msg = (
            f"The platform does not run in {settings.home}: start it with `psa up`, "
            f"or set {', '.join(missing)}."
        )
        raise SettingsError(msg)
    return Urls.named(known)


def _published(path: Path) -> dict[str, str]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except msgspec.DecodeError as error:
        msg = f"{path} is damaged; remove it, and start the platform again with `psa up`."
        raise SettingsError(msg) from error


def publish_urls(settings: Settings, urls: Urls) -> None:
    """Leave the addresses of a running stack for the other commands of this home."""
    path = settings.addresses
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".new")
    # Made private before the passwords are in it, and renamed so that no reader sees a half.
    draft.touch(mode=0o600)
    draft.write_bytes(msgspec.json.encode(urls.by_name()))
    draft.replace(path)
