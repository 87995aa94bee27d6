"""The ways in which the business refuses.

Refused
├── NotFound     what was named does not exist
├── Forbidden    the actor may not
├── Invalid      a value can not be accepted; `field` names it
└── Conflict     the record is not in a state that allows it
"""

from typing import Any


class Refused(Exception):
    """The request was refused."""

    field: str | None = None
    """The input field that has to change, where one does."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.sentence(**facts))
        self.facts = facts

    @property
    def code(self) -> str:
        """The stable name of this refusal, e.g. `TicketAlreadyClosed`."""
        return type(self).__name__

    @classmethod
    def sentence(cls, **facts: Any) -> str:
        """Return the docstring's first line with the facts put into its braces."""
        return (cls.__doc__ or cls.__name__).partition("\n")[0].format(**facts)


class NotFound(Refused):
    """There is no such record."""


class Forbidden(Refused):
    """You may not do this."""


class Invalid(Refused):
    """A value can not be accepted."""


class Conflict(Refused):
    """The record is not in a state that allows this."""
