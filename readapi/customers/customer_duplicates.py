"""Customers that may be the same, as they are proposed to staff."""

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, literal_column
from sqlalchemy.dialects.postgresql import array

from domain.similarity import similarity
from projections.customers import customers
from readapi.customers.customers import RESOURCE
from readapi.doubles import Doubles, Sign, Weight
from readapi.fields import Row
from readapi.filters import Condition

ALIKE: Final = 0.7
"""From when on two names are alike: less than one letter in six differs."""

_c = customers.VIEW.tables[0].c
_EMPTY: Final[ColumnElement[str]] = literal_column("''")


def _domain(columns: Any) -> ColumnElement[str]:
    # In the words of the index: a bound value would not be recognised as the same.
    return func.split_part(columns.invoice_email, literal_column("'@'"), literal_column("2"))


def _same_vat_id(one: Any, other: Any) -> Condition:
    return and_(one.vat_id == other.vat_id, one.vat_id != _EMPTY, other.vat_id != _EMPTY)


def _same_invoice_email(one: Any, other: Any) -> Condition:
    same = one.invoice_email == other.invoice_email
    return and_(_domain(one) == _domain(other), same, one.invoice_email != _EMPTY)


def _bills_of_one_go_to_other(one: Any, other: Any) -> Condition:
    return and_(other.email_domains.contains(array([_domain(one)])), one.invoice_email != _EMPTY)


def _equal(column: str, weight: float) -> Weight:
    return lambda one, other: weight if one[column] and one[column] == other[column] else 0.0


def _bills_cross(one: Row, other: Row) -> float:
    domains = [row["invoice_email"].rpartition("@")[2] for row in (one, other)]
    crossed = domains[0] in other["email_domains"] or domains[1] in one["email_domains"]
    return 0.6 if crossed else 0.0


def _names_alike(one: Row, other: Row) -> float:
    names = [[row["name_key"], row["trade_name_key"]] for row in (one, other)]
    best = max((similarity(a, b) for a in names[0] if a for b in names[1] if b), default=0.0)
    return 0.8 * best if best >= ALIKE else 0.0


DOUBLES: Final = Doubles(
    resource=RESOURCE,
    columns=(
        _c.name,
        _c.name_key,
        _c.trade_name_key,
        _c.vat_id,
        _c.invoice_email,
        _c.email_domains,
    ),
    signs=(
        # Companies of one group may share it.
        Sign("same_vat_id", [_same_vat_id], _equal("vat_id", 0.9)),
        Sign("same_invoice_email", [_same_invoice_email], _equal("invoice_email", 0.7)),
        Sign(
            # No two customers bear the same domain; but the bills of one may go to the other's.
            "same_email_domain",
            [_bills_of_one_go_to_other, lambda one, other: _bills_of_one_go_to_other(other, one)],
            _bills_cross,
        ),
        Sign(
            "similar_name",
            [
                # What is equal is found in any case, however many are alike.
                lambda one, other: other.name_key == one.name_key,
                # `%` of pg_trgm; how alike they have to be is the session's.
                lambda one, other: other.name_key.op("%", is_comparison=True)(one.name_key),
                lambda one, other: other.trade_name_key == one.name_key,
                lambda one, other: other.name_key == one.trade_name_key,
            ],
            _names_alike,
        ),
    ),
)
