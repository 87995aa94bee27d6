"""The passwords of the local servers: drawn once, kept in one private file."""

import secrets
from pathlib import Path
from typing import Any, Self

import msgspec

from infra.embedded import private
from infra.embedded.errors import EmbeddedError


def _draw() -> str:
    return secrets.token_urlsafe(24)


class Logins(msgspec.Struct, frozen=True, kw_only=True):
    """The passwords of the accounts of one PostgreSQL cluster; never shown by `repr`."""

    superuser: str
    owner: str
    app: str
    backup: str = ""

    def __repr__(self) -> str:
        """Name the type only: a log line or a traceback must not carry a password."""
        return "Logins(…)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Show nothing in rich tracebacks either."""
        return []


class Passwords(msgspec.Struct, frozen=True, kw_only=True):
    """One password per account; never shown by `repr`."""

    postgres: str = msgspec.field(default_factory=_draw)
    postgres_owner: str = msgspec.field(default_factory=_draw)
    postgres_app: str = msgspec.field(default_factory=_draw)
    postgres_backup: str = msgspec.field(default_factory=_draw)
    keys: str = msgspec.field(default_factory=_draw)
    keys_owner: str = msgspec.field(default_factory=_draw)
    keys_app: str = msgspec.field(default_factory=_draw)
    nats: str = msgspec.field(default_factory=_draw)
    redis: str = msgspec.field(default_factory=_draw)

    @classmethod
    def kept_in(cls, file: Path) -> Self:
        """Read the passwords of this home, or draw them at its first start."""
        try:
            kept = file.read_bytes()
            passwords = msgspec.json.decode(kept, type=cls)
        except FileNotFoundError:
            kept, passwords = b"", cls()
        except msgspec.DecodeError as damaged:
            reason = (
                f"The password file {file} is damaged; restore it from a backup, "
                f"or remove {file.parent} to begin anew."
            )
            raise EmbeddedError(reason) from damaged
        complete = msgspec.json.encode(passwords)
        if complete != kept:  # New, or written before an account was added.
            private.write(file, complete.decode())
        return passwords

    @property
    def of_log(self) -> Logins:
        """The passwords of the cluster of the log."""
        return Logins(
            superuser=self.postgres,
            owner=self.postgres_owner,
            app=self.postgres_app,
            backup=self.postgres_backup,
        )

    @property
    def of_keys(self) -> Logins:
        """The passwords of the cluster of the keys."""
        return Logins(superuser=self.keys, owner=self.keys_owner, app=self.keys_app)

    def hidden_in(self, text: str) -> str:
        """Return the text with every password replaced."""
        for password in msgspec.structs.astuple(self):
            text = text.replace(password, "***")
        return text

    def __repr__(self) -> str:
        """Name the type only: a log line or a traceback must not carry a password."""
        return "Passwords(…)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Show nothing in rich tracebacks either."""
        return []
