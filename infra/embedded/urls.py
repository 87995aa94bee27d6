"""Where each service answers."""

from collections.abc import Mapping
from typing import Any, Self

import msgspec

POSTGRES_URL = "PSA_POSTGRES_URL"
POSTGRES_OWNER_URL = "PSA_POSTGRES_OWNER_URL"
KEYS_URL = "PSA_KEYS_URL"
KEYS_OWNER_URL = "PSA_KEYS_OWNER_URL"
NATS_URL = "PSA_NATS_URL"
REDIS_URL = "PSA_REDIS_URL"
OPENSEARCH_URL = "PSA_OPENSEARCH_URL"
NEEDED = (POSTGRES_URL, KEYS_URL, NATS_URL, REDIS_URL)
"""The services that the platform does not run without."""
OWNERS = {POSTGRES_OWNER_URL: POSTGRES_URL, KEYS_OWNER_URL: KEYS_URL}
"""The owner's address of a database, and the application's that goes with it."""
NAMES = (*NEEDED, *OWNERS, OPENSEARCH_URL)


class Urls(msgspec.Struct, frozen=True):
    """The addresses of one running stack, passwords included."""

    postgres: str
    postgres_owner: str
    keys: str
    keys_owner: str
    nats: str
    redis: str
    opensearch: str | None

    @classmethod
    def named(cls, known: Mapping[str, str]) -> Self:
        """Return the addresses by their settings; without an owner's, the application's is both."""
        return cls(
            postgres=known[POSTGRES_URL],
            postgres_owner=known.get(POSTGRES_OWNER_URL, known[POSTGRES_URL]),
            keys=known[KEYS_URL],
            keys_owner=known.get(KEYS_OWNER_URL, known[KEYS_URL]),
            nats=known[NATS_URL],
            redis=known[REDIS_URL],
            opensearch=known.get(OPENSEARCH_URL),
        )

    def by_name(self) -> dict[str, str]:
        """Return the addresses by the names of their settings, as `named` takes them."""
        urls = {
            POSTGRES_URL: self.postgres,
            POSTGRES_OWNER_URL: self.postgres_owner,
            KEYS_URL: self.keys,
            KEYS_OWNER_URL: self.keys_owner,
            NATS_URL: self.nats,
            REDIS_URL: self.redis,
        }
        return {**urls, OPENSEARCH_URL: self.opensearch} if self.opensearch else urls

    def __repr__(self) -> str:
        """Name the type only: a log line or a traceback must not carry a password."""
        return "Urls(…)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Show nothing in rich tracebacks either."""
        return []


def unpaired(given: Mapping[str, str]) -> str | None:
    """Say which owner's address is given without the application's, or nothing."""
    for owner, app in OWNERS.items():
        if owner in given and app not in given:
            return f"{owner} is given without {app}; set both, or neither."
    return None
