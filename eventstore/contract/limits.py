"""The rules that stand beside fields, in words."""

import re
from typing import Final

from domain.checks import Rule
from domain.nested import Each, by_fields
from domain.rules import Line, Text

_DEMANDS: Final = ("require_", "checked_")
_RETURNS: Final = re.compile(r"Return (.+?)(?:; raises.*)?\.$", re.MULTILINE)


def limits_of(rules: list[Rule]) -> tuple[str, ...]:
    """Return what rules ask of a value when it is recorded; a rule for parts is told by them."""
    return tuple(words for rule in rules for words in _in_words(rule))


def _in_words(rule: Rule) -> list[str]:
    match rule:
        case Line(limit=limit):
            return [f"1 to {limit} characters"]
        case Text(limit=limit):
            return [f"at most {limit} characters"]
        case Each(at_most=limit, once=field):
            return [f"at most {limit} entries", *([f"no `{field}` twice"] if field else [])]
        case _ if rule is by_fields:
            return []
        case _:
            return [_named(rule)]


def _named(rule: Rule) -> str:
    """Return what a rule is called, and the form in which it leaves a value, where it says so.

    Rules are named for what they ask: `nine_digits`, `require_email`.
    """
    name = getattr(rule, "__name__", repr(rule)).strip("_")
    for demand in _DEMANDS:
        name = name.removeprefix(demand)
    words = name.replace("_", " ")
    told = _RETURNS.match(getattr(rule, "__doc__", None) or "")
    return f"{words}: {told[1]}" if told else words
