"""Rules of custom fields: what an administrator may ask for.

There are no patterns: an expression written by an administrator could keep the process busy for
ever (ReDoS).
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final

from domain.errors import Invalid
from domain.rules import require_text

CHOICES: Final = 200
"""How many choices a field has at most; each has up to 100 characters."""
_LARGEST: Final = 10**15
_DECIMALS: Final = 12


class ChoicesMissing(Invalid):
    """`{name}` takes 1 to {limit} choices, not {count}."""


class ChoiceRepeated(Invalid):
    """`{name}` names {choice!r} twice."""


class LimitInvalid(Invalid):
    """`{name}` takes a number of up to 15 digits and 12 decimals."""


class LimitsCrossed(Invalid):
    """`{name}` {minimum} is larger than the maximum, {maximum}."""


class RuleOutOfRange(Invalid):
    """`{name}` takes {least} to {most}, not {value}."""


class RuleUnfit(Invalid):
    """`{name}` counts for {kinds} only; leave it out."""


class FieldKind(StrEnum):
    """What a custom field holds."""

    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    CHOICE = "choice"
    CHOICES = "choices"
    URL = "url"
    EMAIL = "email"
    PHONE = "phone"


@dataclass(frozen=True)
class FieldRules:
    """What a custom field accepts; each rule counts for the kinds it names."""

    kind: FieldKind
    required: bool = False
    choices: tuple[str, ...] = ()
    """CHOICE and CHOICES: what may be chosen, in the order in which it is shown."""
    minimum: Decimal | None = None
    """NUMBER and INTEGER: the smallest value."""
    maximum: Decimal | None = None
    """NUMBER and INTEGER: the largest value."""
    scale: int = 2
    """NUMBER: 0 to 10 decimals, always all of them, so that equal numbers are equal texts."""
    max_length: int = 1000
    """TEXT and URL: characters."""

    def accept(self, number: Decimal) -> bool:
        """Say whether a number lies within the limits."""
        least, most = self.minimum, self.maximum
        return (least is None or least <= number) and (most is None or number <= most)

    def expected(self) -> str:
        """Return what the field takes, as part of a sentence."""
        said = _EXPECTED[self.kind]
        match self.kind:
            case FieldKind.CHOICE | FieldKind.CHOICES:
                return f"{said} of {', '.join(self.choices)}"
            case FieldKind.NUMBER:
                return f"{said} with up to {self.scale} decimals{self._limits()}"
            case FieldKind.INTEGER:
                return said + self._limits()
            case _:
                return said

    def _limits(self) -> str:
        limits = (("at least", self.minimum), ("at most", self.maximum))
        return "".join(f", {words} {limit}" for words, limit in limits if limit is not None)


_EXPECTED = {
    FieldKind.TEXT: "a text",
    FieldKind.NUMBER: "a number",
    FieldKind.INTEGER: "a whole number",
    FieldKind.BOOLEAN: "true or false",
    FieldKind.DATE: "a date like 2026-03-31",
    FieldKind.CHOICE: "one",
    FieldKind.CHOICES: "a list",
    FieldKind.URL: "an address like https://acme.example",
    FieldKind.EMAIL: "an e-mail address",
    FieldKind.PHONE: "a phone number",
}


def checked_rules(name: str, rules: FieldRules) -> FieldRules:
    """Return the rules with their choices trimmed; raises what is wrong with them."""
    _require_range(f"{name}.scale", rules.scale, 0, 10)
    _require_range(f"{name}.max_length", rules.max_length, 1, 10_000)
    _require_limits(name, rules)
    return replace(rules, choices=_checked_choices(f"{name}.choices", rules))


def _checked_choices(name: str, rules: FieldRules) -> tuple[str, ...]:
    if rules.kind not in _CHOOSING:
        _require_fit(name, _CHOOSING, given=bool(rules.choices))
        return ()
    if not 1 <= len(rules.choices) <= CHOICES:
        raise ChoicesMissing(name=name, limit=CHOICES, count=len(rules.choices))
    choices = [require_text(name, choice, limit=100) for choice in rules.choices]
    for place, choice in enumerate(choices):
        if choice in choices[:place]:
            raise ChoiceRepeated(name=name, choice=choice)
    return tuple(choices)


def _require_limits(name: str, rules: FieldRules) -> None:
    least, most = rules.minimum, rules.maximum
    for limit, value in (("minimum", least), ("maximum", most)):
        if value is not None:
            _require_fit(f"{name}.{limit}", _NUMBERS, given=rules.kind not in _NUMBERS)
            if not _is_plain(value):
                raise LimitInvalid(name=f"{name}.{limit}")
    if least is not None and most is not None and least > most:
        raise LimitsCrossed(name=f"{name}.minimum", minimum=least, maximum=most)


def _is_plain(number: Decimal) -> bool:
    # Asked in this order, and without arithmetic: what is endless or immense can not be rounded.
    return (
        number.is_finite() and -_LARGEST < number < _LARGEST and round(number, _DECIMALS) == number
    )


def _require_fit(name: str, kinds: tuple[FieldKind, ...], *, given: bool) -> None:
    if given:
        raise RuleUnfit(name=name, kinds=" and ".join(kinds))


def _require_range(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise RuleOutOfRange(name=name, least=least, most=most, value=value)


_CHOOSING: Final = (FieldKind.CHOICE, FieldKind.CHOICES)
_NUMBERS: Final = (FieldKind.NUMBER, FieldKind.INTEGER)
