"""Contacts that may be the same person: how they are found, and what each sign weighs."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, literal_column

from domain.similarity import similarity
from projections.customers import contacts
from readapi.customers.contacts import RESOURCE
from readapi.customers.customer_duplicates import ALIKE
from readapi.doubles import Doubles, Pairing, Sign, Weight
from readapi.fields import Row
from readapi.filters import Condition

PREFERRED: Final = 2
"""So many addresses, and numbers, of each are looked up; all are compared where a pair is found."""

_c = contacts.VIEW.tables[0].c
_EMPTY: Final[ColumnElement[str]] = literal_column("''")
_BLANK: Final[ColumnElement[str]] = literal_column("' '")
_FIRST: Final[ColumnElement[int]] = literal_column("1")
_LAST: Final[ColumnElement[int]] = literal_column("-1")


def _sharing(column: str) -> list[Pairing]:
    """Return the ways to find contacts that have one of several values in common."""
    places = range(1, PREFERRED + 1)
    return [_equal(column, here, there) for here in places for there in places]


def _equal(column: str, here: int, there: int) -> Pairing:
    # In the words of the indexes: a bound value would not be recognised as the same.
    at_one: ColumnElement[int] = literal_column(str(here))
    at_other: ColumnElement[int] = literal_column(str(there))

    def pairing(one: Any, other: Any) -> Condition:
        # That they overlap goes without saying; it tells the planner that few are equal, so that
        # it joins all with all at once instead of looking each of them up.
        overlap = other[column].overlap(one[column])
        return and_(one[column][at_one] == other[column][at_other], overlap)

    return pairing


def _shared(column: str, weight: float) -> Weight:
    return lambda one, other: weight if set(one[column]) & set(other[column]) else 0.0


def _first(columns: Any) -> ColumnElement[str]:
    return func.split_part(columns.name_key, _BLANK, _FIRST)


def _last(columns: Any) -> ColumnElement[str]:
    return func.split_part(columns.name_key, _BLANK, _LAST)


def _initial(columns: Any) -> ColumnElement[str]:
    return func.left(_last(columns), _FIRST)


def _colleagues(alike: Callable[[Any, Any], Condition]) -> Pairing:
    """Return the condition within one customer: its people are merged with each other only."""
    return lambda one, other: and_(
        other.customer_id == one.customer_id, one.name_key != _EMPTY, alike(one, other)
    )


def _same_name(one: Any, other: Any) -> Condition:
    return and_(_same_first_word(one, other), other.name_key == one.name_key)


def _other_last_word(one: Any, other: Any) -> Condition:
    return and_(_same_first_word(one, other), _near(one, other))


def _other_first_word(one: Any, other: Any) -> Condition:
    return and_(_last(other) == _last(one), _near(one, other))


def _same_first_word(one: Any, other: Any) -> Condition:
    # The initial of the last one, too: in a large firm, hundreds have a first name in common.
    return and_(_first(other) == _first(one), _initial(other) == _initial(one))


def _near(one: Any, other: Any) -> Condition:
    # `%` of pg_trgm; how alike they have to be is the session's. It takes longer than all else:
    # of a join of all with all, each contact is a pair with itself first.
    return and_(one.id != other.id, other.name_key.op("%", is_comparison=True)(one.name_key))


def _names_alike(one: Row, other: Row) -> float:
    if one["customer_id"] != other["customer_id"] or not (one["name_key"] and other["name_key"]):
        return 0.0
    alike = similarity(one["name_key"], other["name_key"])
    return 0.7 * alike if alike >= ALIKE else 0.0


DOUBLES: Final = Doubles(
    resource=RESOURCE,
    columns=(_c.name, _c.name_key, _c.customer_id, _c.email_addresses, _c.phone_numbers),
    signs=(
        # Some share a mailbox, such as info@.
        Sign("same_email", _sharing("email_addresses"), _shared("email_addresses", 0.8)),
        # More share a line: the switchboard's.
        Sign("same_phone", _sharing("phone_numbers"), _shared("phone_numbers", 0.5)),
        Sign(
            "similar_name",
            [
                # What is equal is found in any case, however many are alike.
                _colleagues(_same_name),
                _colleagues(_other_last_word),
                _colleagues(_other_first_word),
            ],
            _names_alike,
        ),
    ),
)
