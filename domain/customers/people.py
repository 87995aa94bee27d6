"""What is said of a person at a customer: how they are addressed, and what they are asked about."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated


class Salutation(StrEnum):
    """How a person is addressed in a letter."""

    NONE = "none"
    MR = "mr"
    MS = "ms"


class ContactRole(StrEnum):
    """What a person is asked about."""

    MAIN = "main"
    BILLING = "billing"
    TECHNICAL = "technical"
    EMERGENCY = "emergency"


def once_each(_: str, roles: Iterable[ContactRole]) -> tuple[ContactRole, ...]:
    """Return the roles sorted, once each."""
    return tuple(sorted(set(roles)))


Roles = Annotated[tuple[ContactRole, ...], once_each]
