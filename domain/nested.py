"""Rules that reach into a value: each field is asked about by the rules that stand beside it.

A refusal names the place, e.g. `address.city` or `contacts[1].email`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from domain.checks import checked
from domain.errors import Invalid


class TooManyEntries(Invalid):
    """`{name}` takes {limit} entries at most."""


class EntryRepeated(Invalid):
    """`{name}` repeats {value!r}, which is there already."""


def by_fields(name: str, value: Any) -> Any:
    """Return a value as the rules beside its fields leave it: `Annotated[Address, by_fields]`."""
    return replace(value, **checked(type(value), vars(value), within=f"{name}."))


@dataclass(frozen=True)
class Each:
    """The rule for a list of values: `Annotated[tuple[Contact, ...], Each(20, once="email")]`."""

    at_most: int
    once: str = ""
    """The field that no two of them share, unless it is empty."""

    def __call__(self, name: str, values: Iterable[Any]) -> tuple[Any, ...]:
        """Return the values as the rules beside their fields leave them, in their order.

        Raises `TooManyEntries`, `EntryRepeated` for the second of two, and what the rules refuse.
        """
        given = tuple(values)
        # First: of a list without end, nobody shall look at each.
        if len(given) > self.at_most:
            raise TooManyEntries(name=name, limit=self.at_most)
        kept = tuple(by_fields(f"{name}[{place}]", value) for place, value in enumerate(given))
        if self.once:
            self._require_once(name, [getattr(value, self.once) for value in kept])
        return kept

    def _require_once(self, name: str, values: list[Any]) -> None:
        for place, value in enumerate(values):
            if value and value in values[:place]:
                raise EntryRepeated(name=f"{name}[{place}].{self.once}", value=value)
