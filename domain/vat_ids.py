"""VAT identification numbers of the EU, the United Kingdom, Switzerland and Liechtenstein.

Formats: European Commission, VIES, "VAT identification number structure"; Ireland and the
Netherlands as their tax offices have issued them since 2013 and 2020; Switzerland: eCH-0097;
Liechtenstein keeps its five digits (Steuerverwaltung, "Umsetzung der UID in Liechtenstein").
Check digits are asked only where the issuing state has published how they are made.
"""

import re
from collections.abc import Callable

from domain.errors import Invalid

_FORMATS = {
    "AT": (r"U\d{8}", "ATU13585627"),
    "BE": (r"[01]\d{9}", "BE0403019261"),
    "BG": (r"\d{9,10}", "BG123456789"),
    "CHE": (r"\d{9}(MWST|TVA|IVA)", "CHE-109.322.551 MWST"),
    "CY": (r"\d{8}[A-Z]", "CY12345678X"),
    "CZ": (r"\d{8,10}", "CZ12345678"),
    "DE": (r"[1-9]\d{8}", "DE136695976"),
    "DK": (r"\d{8}", "DK12345678"),
    "EE": (r"\d{9}", "EE123456789"),
    "EL": (r"\d{9}", "EL123456789"),
    "ES": (r"[A-Z]\d{7}[A-Z\d]|\d{8}[A-Z]", "ESX1234567L"),
    "FI": (r"\d{8}", "FI12345678"),
    "FR": (r"[A-HJ-NP-Z\d]{2}\d{9}", "FR40303265045"),
    "GB": (r"\d{9}|\d{12}|GD[0-4]\d\d|HA[5-9]\d\d", "GB123456789"),
    "HR": (r"\d{11}", "HR12345678901"),
    "HU": (r"\d{8}", "HU12345678"),
    "IE": (r"\d{7}[A-W][A-IW]?|\d[A-Z+*]\d{5}[A-W]", "IE1234567WA"),
    "IT": (r"\d{11}", "IT12345678901"),
    "LI": (r"\d{5}", "LI12345"),
    "LT": (r"\d{9}|\d{12}", "LT123456789"),
    "LU": (r"\d{8}", "LU12345678"),
    "LV": (r"\d{11}", "LV12345678901"),
    "MT": (r"\d{8}", "MT12345678"),
    "NL": (r"\d{9}B\d{2}", "NL123456789B01"),
    "PL": (r"\d{10}", "PL1234567890"),
    "PT": (r"\d{9}", "PT123456789"),
    "RO": (r"[1-9]\d{1,9}", "RO1234567890"),
    "SE": (r"\d{12}", "SE123456789001"),
    "SI": (r"\d{8}", "SI12345678"),
    "SK": (r"\d{10}", "SK1234567890"),
    "XI": (r"\d{9}|\d{12}|GD[0-4]\d\d|HA[5-9]\d\d", "XI123456789"),
}
"""What follows the prefix, and an example of the whole."""

_ALIASES = {"GR": "EL", "FL": "LI"}
"""Prefixes that people write: ISO's for Greece, the number plate's for Liechtenstein."""

_SEPARATORS = re.compile(r"[\s.\-\u2010-\u2015]")
_PREFIX = re.compile(r"CHE|[A-Z]{2}")


class VatIdPrefixUnknown(Invalid):
    """`{name}` begins with the country that issued it, e.g. DE136695976, not like {value!r}."""


class VatIdInvalid(Invalid):
    """`{name}` of {country} is written like {example}, not {value!r}."""


class VatIdMistyped(Invalid):
    """`{name}` has a check digit that does not fit: {value!r}; look for a mistyped digit."""


def require_vat_id(name: str, value: str) -> str:
    """Return the number in upper case without separators, the Swiss one as CHE-109.322.551 MWST.

    Raises `VatIdPrefixUnknown`, `VatIdInvalid` or `VatIdMistyped`. Whether the number is in force
    is known to VIES and the Swiss UID register only.
    """
    written = _SEPARATORS.sub("", value).upper()
    prefix = _PREFIX.match(written)
    country = _ALIASES.get(prefix[0], prefix[0]) if prefix else ""
    if not prefix or country not in _FORMATS:
        raise VatIdPrefixUnknown(name=name, value=value)
    body = written[prefix.end() :]
    pattern, example = _FORMATS[country]
    if not re.fullmatch(pattern, body, re.ASCII):
        raise VatIdInvalid(name=name, country=country, example=example, value=value)
    if not _CHECKS.get(country, _unchecked)(body):
        raise VatIdMistyped(name=name, value=value)
    return _swiss(body) if country == "CHE" else country + body


def optional_vat_id(name: str, value: str) -> str:
    """Return the number as `require_vat_id` does, or nothing for blanks."""
    return require_vat_id(name, value) if value.strip() else ""


def _german(body: str) -> bool:
    """ISO 7064 MOD 11,10: BGBl. I 1993 p. 736, annex 3 to § 9 ZMDV."""
    product = 10
    for digit in map(int, body[:8]):
        product = 2 * ((digit + product) % 10 or 10) % 11
    return (11 - product) % 10 == int(body[8])


def _austrian(body: str) -> bool:
    """Digits by 1 and 2 in turns, digits of the products added, plus 4: BMF, UID-Nummer."""
    products = (int(digit) * weight for digit, weight in zip(body[1:8], (1, 2) * 4, strict=False))
    return (10 - (sum(sum(divmod(product, 10)) for product in products) + 4)) % 10 == int(body[8])


def _uid(body: str) -> bool:
    """Weighted modulo 11: eCH-0097; a UID whose check digit would be 10 is not issued."""
    weighted = zip(map(int, body[:8]), (5, 4, 3, 2, 7, 6, 5, 4), strict=True)
    return -sum(digit * weight for digit, weight in weighted) % 11 == int(body[8])


def _unchecked(body: str) -> bool:
    return bool(body)


def _swiss(body: str) -> str:
    return f"CHE-{body[:3]}.{body[3:6]}.{body[6:9]} MWST"


_CHECKS: dict[str, Callable[[str], bool]] = {"AT": _austrian, "CHE": _uid, "DE": _german}
