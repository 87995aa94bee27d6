"""Where each service answers."""

from typing import Any

import msgspec

POSTGRES_URL = "PSA_POSTGRES_URL"
POSTGRES_OWNER_URL = "PSA_POSTGRES_OWNER_URL"
NATS_URL = "PSA_NATS_URL"
REDIS_URL = "PSA_REDIS_URL"
OPENSEARCH_URL = "PSA_OPENSEARCH_URL"
NAMES = (POSTGRES_URL, POSTGRES_OWNER_URL, NATS_URL, REDIS_URL, OPENSEARCH_URL)


class Urls(msgspec.Struct, frozen=True):
    """The addresses of one running stack, passwords included."""

    postgres: str
    postgres_owner: str
    nats: str
    redis: str
    opensearch: str | None

    def __repr__(self) -> str:
        """Name the type only: a log line or a traceback must not carry a password."""
        return "Urls(…)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Show nothing in rich tracebacks either."""
        return []
