"""Values of custom fields: what is accepted under the rules of a field, and how it is kept."""

import re
import reprlib
from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

from domain.errors import Invalid
from domain.field_rules import FieldKind, FieldRules
from domain.phones import require_phone
from domain.rules import TextMissing, limit_text, require_email

__all__ = ["CustomValueInvalid", "FieldKind", "FieldRules", "Value", "checked_value"]

Value = str | int | bool | list[str] | None
"""What JSON can store: a number with decimals is text, a choice of several a list of texts."""

_EXACT = 2**53 - 1
"""The largest integer that every reader of JSON understands exactly (RFC 8259 §6)."""

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,12})?")


class CustomValueInvalid(Invalid):
    """`{name}` takes {expected}, not {value}."""


def checked_value(rules: FieldRules, name: str, value: object) -> Value:
    """Return the value as JSON stores it, or None when there is none.

    Raises `CustomValueInvalid`, `TextMissing` for a required value, or the refusal of a text, an
    e-mail address or a phone number.
    """
    if value is None or value == [] or (isinstance(value, str) and not value.strip()):
        if rules.required:
            raise TextMissing(name=name)
        return None
    accepted = _accepted(rules, name, value)
    if accepted is None:
        raise CustomValueInvalid(name=name, expected=rules.expected(), value=reprlib.repr(value))
    return accepted


def _accepted(rules: FieldRules, name: str, value: object) -> Value:
    """Return what is stored, or None when the value is not of the kind."""
    kept: Value = None
    match rules.kind, value:
        case kind, bool():
            kept = value if kind is FieldKind.BOOLEAN else None
        case FieldKind.NUMBER, str() | int() | float():
            # A float is taken for the text it was read from: its shortest one.
            kept = _number(rules, str(value).strip())
        case FieldKind.INTEGER, int():
            kept = value if abs(value) <= _EXACT and rules.accept(Decimal(value)) else None
        case FieldKind.CHOICES, list() if all(one in rules.choices for one in value):
            kept = [choice for choice in rules.choices if choice in value]
        case _, str():
            kept = _text(rules, name, value.strip())
    return kept


def _text(rules: FieldRules, name: str, text: str) -> str | None:
    kept: str | None = None
    match rules.kind:
        case FieldKind.TEXT:
            kept = limit_text(name, text, limit=rules.max_length)
        case FieldKind.CHOICE:
            kept = text if text in rules.choices else None
        case FieldKind.DATE:
            kept = text if _is_date(text) else None
        case FieldKind.URL:
            kept = limit_text(name, text, limit=rules.max_length) if _is_url(text) else None
        case FieldKind.EMAIL:
            kept = require_email(name, text)
        case FieldKind.PHONE:
            kept = require_phone(name, text)
    return kept


def _number(rules: FieldRules, text: str) -> str | None:
    if not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text)
    rounded = round(number, rules.scale)
    if rounded != number or not rules.accept(number):
        return None
    return str(abs(rounded) if rounded.is_zero() else rounded)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return named and parts.scheme in {"http", "https"} and not re.search(r"\s", text)
