"""Postal addresses: what an address of a country looks like.

Countries: ISO 3166-1. Postal codes: Universal Postal Union, "Postal addressing systems".
"""

import re
from dataclasses import replace
from string import ascii_lowercase, ascii_uppercase
from typing import Annotated

from domain.errors import Invalid
from domain.nested import by_fields
from domain.values import Address

COUNTRIES = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR
    BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ
    EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW
    GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY
    KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV
    MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY
    QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG
    TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM
    ZW
    """.split()  # noqa: SIM905 - quoted it would be a column of 249 lines
)
"""ISO 3166-1 alpha-2, all 249."""

_POSTAL_CODES = {
    "AT": "1010",
    "BE": "1000",
    "BG": "1000",
    "CH": "8001",
    "CY": "1010",
    "CZ": "110 00",
    "DE": "10115",
    "DK": "1050",
    "EE": "10111",
    "ES": "28001",
    "FI": "00100",
    "FR": "75001",
    "GR": "104 31",
    "HR": "10000",
    "HU": "1011",
    "IT": "00184",
    "LI": "9490",
    "LT": "LT-01100",
    "LU": "1009",
    "LV": "LV-1010",
    "NL": "1012 JS",
    "NO": "0150",
    "PL": "00-950",
    "PT": "1000-001",
    "RO": "010011",
    "SE": "111 20",
    "SI": "1000",
    "SK": "811 01",
}
"""An example of each: a digit stands for any digit, a letter for any letter."""

_RANGES = {
    "AT": ("1000", "9999"),
    "CH": ("1000", "9999"),
    "DE": ("01001", "99998"),
    "LI": ("9485", "9498"),
}
"""The first and the last that may be given out, where that says more than the form."""

_SIGNS = {"AT": "A", "BE": "B", "DE": "D", "ES": "E", "FR": "F", "IT": "I", "LI": "FL", "LU": "L"}
"""Signs of the Road Traffic Convention, once written before the code (D-10115), if not ISO's."""

NO_ADDRESS = Address("", "", "", "")
"""An address of which nothing is known, not even the country."""

_CAPITALS = str.maketrans(ascii_lowercase, ascii_uppercase)  # str.upper: ß is SS, South Sudan
_SEPARATORS = re.compile(r"[\s\u2010-\u2015-]")


class CountryUnknown(Invalid):
    """`{name}` is no country: {country!r}; write its two letters (ISO 3166-1), e.g. DE or AT."""


class AddressCountryMissing(Invalid):
    """`{name}` is missing: an address needs its country, e.g. DE, AT or CH."""


class PostalCodeInvalid(Invalid):
    """`{name}` of {country} is written like {example}, not {value!r}."""


def checked_address(name: str, address: Address) -> Address:
    """Return the address without surrounding blanks, its country and postal code in one form.

    All of it may be empty, or all but the country. Raises `AddressCountryMissing`,
    `CountryUnknown`, `PostalCodeInvalid` or `TextTooLong`, for fields as `address.city`.
    """
    country = address.country.strip().translate(_CAPITALS)
    checked: Address = by_fields(name, replace(address, country=country))
    return checked if checked == NO_ADDRESS else _in_its_country(name, checked)


def required_address(name: str, address: Address) -> Address:
    """Return the address as `checked_address` does; an empty one raises `AddressCountryMissing`."""
    return _in_its_country(name, checked_address(name, address))


def _in_its_country(name: str, address: Address) -> Address:
    if not address.country:
        raise AddressCountryMissing(name=f"{name}.country")
    if address.country not in COUNTRIES:
        raise CountryUnknown(name=f"{name}.country", country=address.country)
    code = _postal_code(f"{name}.postal_code", address.postal_code, address.country)
    return replace(address, postal_code=code)


def _postal_code(name: str, value: str, country: str) -> str:
    """Return the code as its country writes it; raises `PostalCodeInvalid`."""
    example = _POSTAL_CODES.get(country)
    if not value or not example:
        return value
    plain = _plain(value, country)
    first, last = _RANGES.get(country, ("", "Z"))
    if _shape(plain) != _shape(_plain(example, country)) or not first <= plain <= last:
        raise PostalCodeInvalid(name=name, country=country, example=example, value=value)
    return _like(example, plain, country)


def _plain(code: str, country: str) -> str:
    """Return the code in capitals, without separators and without its country in front."""
    plain = _SEPARATORS.sub("", code.upper())
    if plain.startswith(country):
        return plain.removeprefix(country)
    return plain.removeprefix(_SIGNS.get(country, country))


def _shape(plain: str) -> str:
    return re.sub(r"[A-Z]", "A", re.sub(r"[0-9]", "0", plain))


def _like(example: str, plain: str, country: str) -> str:
    """Return the code with the separators of the example, and the country where that has it."""
    prefix = f"{country}-" if example.startswith(country) else ""
    letters = iter(plain)
    return prefix + "".join(
        c if _SEPARATORS.match(c) else next(letters) for c in example.removeprefix(prefix)
    )


PostalAddress = Annotated[Address, checked_address]
"""The address of a record that may have none."""
Site = Annotated[Address, required_address]
"""The address of a place: its country is known."""
