"""What the read side answers when there is nothing to show.

`TicketNotFound` and `UserNotFound` are the domain's own; customers and groups are known here by
their tables only.
"""

from domain.errors import NotFound


class CustomerNotFound(NotFound):
    """There is no customer {id}."""


class GroupNotFound(NotFound):
    """There is no assignment group {id}."""


class Unavailable(Exception):
    """The views did not answer in time; send the same request again."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(self.__doc__)
