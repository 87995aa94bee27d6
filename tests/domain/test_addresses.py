"""Postal addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.addresses import (
    _POSTAL_CODES,
    COUNTRIES,
    NO_ADDRESS,
    AddressCountryMissing,
    CountryUnknown,
    PostalCodeInvalid,
    checked_address,
    required_address,
)
from domain.errors import Invalid
from domain.rules import TextTooLong
from domain.values import Address


def _postal_code(value: str, country: str) -> str:
    return checked_address("address", Address("", value, "", country)).postal_code


def test_there_are_249_countries() -> None:
    assert len(COUNTRIES) == 249
    assert all(len(code) == 2 and code.isupper() for code in COUNTRIES)


def test_countries_with_a_form_of_postal_codes_exist() -> None:
    assert set(_POSTAL_CODES) < COUNTRIES


def test_an_address_is_kept_without_blanks_and_with_its_country_in_capitals() -> None:
    written = Address(" Hauptplatz 1 ", " 1010", "Wien\n", " at ")

    assert checked_address("address", written) == Address("Hauptplatz 1", "1010", "Wien", "AT")


def test_of_an_address_only_the_country_may_be_known() -> None:
    assert checked_address("address", Address(country="CH")) == Address(country="CH")


@pytest.mark.parametrize("empty", [NO_ADDRESS, Address(" ", "\n", "\t", " ")])
def test_an_address_may_be_empty(empty: Address) -> None:
    assert checked_address("address", empty) == NO_ADDRESS


@pytest.mark.parametrize("empty", [NO_ADDRESS, Address("Hauptplatz 1", "1010", "Wien", "")])
def test_a_required_address_has_a_country(empty: Address) -> None:
    with pytest.raises(AddressCountryMissing) as refusal:
        required_address("address", empty)

    assert refusal.value.facts == {"name": "address.country"}


def test_a_required_address_is_kept_like_any_other() -> None:
    assert required_address("address", Address(country="de")) == Address(country="DE")


@pytest.mark.parametrize(
    "address",
    [
        Address("Hauptplatz 1", "", "", ""),
        Address("", "1010", "", ""),
        Address("", "", "Wien", " "),
    ],
)
def test_an_address_that_says_anything_has_a_country(address: Address) -> None:
    with pytest.raises(AddressCountryMissing):
        checked_address("address", address)


@pytest.mark.parametrize(
    "country", ["XX", "EU", "UK", "EL", "D", "DEU", "D1", "ÖS", "XK", "ß", "\ufb01"]
)
def test_a_country_is_one_of_iso_3166(country: str) -> None:
    with pytest.raises(CountryUnknown) as refusal:
        checked_address("billing.address", Address(country=country))

    assert refusal.value.facts == {"name": "billing.address.country", "country": country}


@pytest.mark.parametrize(
    ("country", "written", "kept"),
    [
        ("DE", "10115", "10115"),
        ("DE", "D-10115", "10115"),
        ("DE", "DE 10115", "10115"),
        ("DE", "01067", "01067"),
        ("AT", "A-1010", "1010"),
        ("AT", "AT-1010", "1010"),
        ("CH", "CH-8001", "8001"),
        ("LI", "FL-9490", "9490"),
        ("LI", "9485", "9485"),
        ("LI", "9498", "9498"),
        ("LU", "L-1009", "1009"),
        ("BE", "B-1000", "1000"),
        ("ES", "E-28001", "28001"),
        ("FR", "F-75001", "75001"),
        ("IT", "I-00184", "00184"),
        ("DK", "0800", "0800"),
        ("NL", "1012js", "1012 JS"),
        ("NL", "NL-1012 JS", "1012 JS"),
        ("PL", "00950", "00-950"),
        ("PL", "00\u2013950", "00-950"),
        ("CZ", "11000", "110 00"),
        ("CZ", "CZ-110\u00a000", "110 00"),
        ("SE", "111-20", "111 20"),
        ("PT", "1000 001", "1000-001"),
        ("LT", "01100", "LT-01100"),
        ("LV", "lv 1010", "LV-1010"),
    ],
)
def test_a_postal_code_is_kept_as_its_country_writes_it(
    country: str, written: str, kept: str
) -> None:
    assert _postal_code(written, country) == kept


@pytest.mark.parametrize(
    ("country", "written"),
    [
        ("DE", "1011"),
        ("DE", "101156"),
        ("DE", "00999"),
        ("DE", "99999"),
        ("DE", "A-10115"),
        ("DE", "1O115"),
        ("DE", "\u0661\u0660\u0661\u0661\u0665"),
        ("AT", "0999"),
        ("AT", "10115"),
        ("CH", "0800"),
        ("LI", "9484"),
        ("LI", "9499"),
        ("LI", "8001"),
        ("LU", "LU"),
        ("DK", "10115"),
        ("NL", "1012"),
        ("NL", "JS 1012"),
        ("PL", "0095"),
        ("LT", "LV-01100"),
    ],
)
def test_a_postal_code_of_another_country_is_refused(country: str, written: str) -> None:
    with pytest.raises(PostalCodeInvalid):
        _postal_code(written, country)


def test_the_refusal_says_how_the_country_writes_it() -> None:
    with pytest.raises(PostalCodeInvalid) as refusal:
        checked_address("address", Address("", "1012", "", "NL"))

    assert str(refusal.value) == (
        "`address.postal_code` of NL is written like 1012 JS, not '1012'."
    )


@pytest.mark.parametrize(
    ("country", "written"), [("GB", "SW1A 1AA"), ("IE", "D02 AF30"), ("US", "20500-0003")]
)
def test_postal_codes_of_other_countries_are_kept_as_written(country: str, written: str) -> None:
    assert _postal_code(written, country) == written


@pytest.mark.parametrize(
    ("address", "field"),
    [
        (Address(street="x" * 201), "address.street"),
        (Address(postal_code="1" * 21), "address.postal_code"),
        (Address(city="x" * 101), "address.city"),
    ],
)
def test_a_line_of_an_address_has_a_limit(address: Address, field: str) -> None:
    with pytest.raises(TextTooLong) as refusal:
        checked_address("address", address)

    assert refusal.value.facts["name"] == field


def test_lines_of_an_address_may_be_as_long_as_their_limits() -> None:
    longest = Address("x" * 200, "1" * 20, "x" * 100, "GB")

    assert checked_address("address", longest) == longest


@given(st.sampled_from(sorted(_POSTAL_CODES)))
def test_every_country_takes_its_own_example(country: str) -> None:
    assert _postal_code(_POSTAL_CODES[country], country) == _POSTAL_CODES[country]


@given(
    st.builds(
        Address,
        street=st.text(max_size=5),
        postal_code=st.one_of(st.text(max_size=8), st.sampled_from(sorted(_POSTAL_CODES.values()))),
        city=st.text(max_size=5),
        country=st.sampled_from([*sorted(_POSTAL_CODES), "GB", "", "XX"]),
    )
)
def test_what_was_kept_is_kept_again(address: Address) -> None:
    try:
        kept = checked_address("address", address)
    except Invalid:
        return

    assert checked_address("address", kept) == kept
