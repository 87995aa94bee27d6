"""How a ticket reaches the provider."""

from enum import StrEnum


class Source(StrEnum):
    """How a ticket reached us."""

    PORTAL = "portal"
    EMAIL = "email"
    PHONE = "phone"
    MONITORING = "monitoring"
    API = "api"
    IMPORT = "import"
