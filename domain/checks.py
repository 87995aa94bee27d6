"""Rules that stand beside a field's type, and the mark of an attribute that stays as it is."""

from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

Rule = Callable[[str, Any], Any]
"""Takes the field's name and its value; returns the value as it is kept, or refuses it."""


class _Kept(Enum):
    KEPT = "kept"


Kept = Literal[_Kept.KEPT]
"""The type of `KEPT`: `name: Name | Kept = KEPT`."""
KEPT: Final = _Kept.KEPT
"""Stands in an event for an attribute that it does not change; it is never stored."""


def checked(kind: type, facts: Mapping[str, Any], *, within: str = "") -> dict[str, Any]:
    """Return the facts as the rules beside the fields of an event, or of a value, leave them.

    What is None or kept is not asked about. Raises what the rules refuse; `within` stands before
    the name of the field, as in `address.city`.
    """
    values = dict(facts)
    for name, rules in rules_beside(kind).items():
        for rule in rules:
            if values.get(name) not in (None, KEPT):
                values[name] = rule(f"{within}{name}", values[name])
    return values


@cache
def rules_beside(kind: type) -> dict[str, list[Rule]]:
    """Return the rules of each field that has any, in the order they are asked."""
    hints = get_type_hints(kind, include_extras=True)
    found = {name: _rules_of(hint) for name, hint in hints.items()}
    return {name: rules for name, rules in found.items() if rules}


def _rules_of(hint: Any) -> list[Rule]:
    if get_origin(hint) is Annotated:
        kind, *marks = get_args(hint)
        return [*_rules_of(kind), *(mark for mark in marks if callable(mark))]
    if get_origin(hint) in {Union, UnionType}:
        return [rule for part in get_args(hint) for rule in _rules_of(part)]
    return []
