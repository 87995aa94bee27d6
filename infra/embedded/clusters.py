"""The two PostgreSQL clusters of a home: one for the log and the views, one for the keys.

The keys that open personal data lie in a cluster of their own: whoever restores the log from a
backup restores it as a whole, and must not bring back a key that was destroyed meanwhile.
"""

from typing import Final

import msgspec

from infra.embedded.roles import Accounts
from infra.embedded.urls import KEYS_OWNER_URL, KEYS_URL, POSTGRES_OWNER_URL, POSTGRES_URL


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """What tells one cluster of a home from the other."""

    name: str
    """The server as its log, its port and the folder of its sockets are called."""
    folder: str
    """The data folder below the home."""
    accounts: Accounts
    url: str
    """The setting that replaces it, for the application."""
    owner_url: str
    settings: str = ""
    """Lines of postgresql.conf that count instead of the common ones."""


LOG: Final = Cluster(
    name="postgres",
    folder="postgres",
    accounts=Accounts(database="psa", owner="psa_owner", app="psa_app", backup="psa_backup"),
    url=POSTGRES_URL,
    owner_url=POSTGRES_OWNER_URL,
)

# A row per key: little, next to the log.
KEYS: Final = Cluster(
    name="keys",
    folder="keystore",  # `keys` holds the files of the keys that sign.
    accounts=Accounts(database="psa_keys", owner="psa_keys_owner", app="psa_keys_app"),
    url=KEYS_URL,
    owner_url=KEYS_OWNER_URL,
    settings="""\
max_connections = 100
shared_buffers = 16MB
max_wal_size = 128MB
min_wal_size = 32MB
""",
)
