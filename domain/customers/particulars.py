"""What is known of a customer in particular: numbers, terms, and the words for them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from domain.errors import Invalid
from domain.rules import Text

NUMBER_LIMIT = 999_999_999
"""Nine digits, as accounting takes them."""
LONGEST_TERM = 365
"""Days."""


class CustomerNumberInvalid(Invalid):
    """A customer number is between 1 and 999999999, not {number}."""

    field = "number"


class PaymentTermInvalid(Invalid):
    """A payment term is between 0 and 365 days, not {days}."""

    field = "payment_days"


class Language(StrEnum):
    """The language in which a customer is written to."""

    GERMAN = "de"
    ENGLISH = "en"
    FRENCH = "fr"
    ITALIAN = "it"


class Currency(StrEnum):
    """The currency in which a customer is billed (ISO 4217)."""

    EUR = "EUR"
    CHF = "CHF"


@dataclass(frozen=True)
class RegisterEntry:
    """An entry in a commercial register, e.g. `Amtsgericht München`, `HRB 12345`."""

    court: Annotated[str, Text(100)] = ""
    number: Annotated[str, Text(50)] = ""


def nine_digits(_: str, number: int) -> int:
    """Return the customer number; raises `CustomerNumberInvalid`."""
    if not 1 <= number <= NUMBER_LIMIT:
        raise CustomerNumberInvalid(number=number)
    return number


def up_to_a_year(_: str, days: int) -> int:
    """Return the payment term; raises `PaymentTermInvalid`."""
    if not 0 <= days <= LONGEST_TERM:
        raise PaymentTermInvalid(days=days)
    return days
