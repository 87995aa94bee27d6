"""Postal addresses, as every record has them."""

import re
from typing import Annotated

from domain.errors import Invalid
from domain.rules import limit_text
from domain.values import Address

_COUNTRY = re.compile(r"[A-Za-z]{2}")
"""ISO 3166-1 alpha-2, in either case."""


class CountryInvalid(Invalid):
    """`address.country` takes two letters from A to Z (ISO 3166-1), not {country!r}."""

    field = "address.country"


def checked_address(name: str, address: Address) -> Address:
    """Return the address without surrounding blanks; raises `CountryInvalid` or `TextTooLong`."""
    if not _COUNTRY.fullmatch(address.country):
        raise CountryInvalid(country=address.country)
    return Address(
        street=limit_text(f"{name}.street", address.street, limit=200),
        postal_code=limit_text(f"{name}.postal_code", address.postal_code, limit=20),
        city=limit_text(f"{name}.city", address.city, limit=100),
        country=address.country.upper(),
    )


PostalAddress = Annotated[Address, checked_address]
