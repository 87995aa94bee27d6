"""Rules of custom fields: what an administrator may ask for.

There are no patterns: an expression written by an administrator could keep the process busy for
ever (ReDoS).
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


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
