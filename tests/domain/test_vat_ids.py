"""VAT identification numbers."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.vat_ids import (
    _FORMATS,
    VatIdInvalid,
    VatIdMistyped,
    VatIdPrefixUnknown,
    optional_vat_id,
    require_vat_id,
)

EU = (
    "AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)

EXAMPLES = {country: example for country, (_, example) in _FORMATS.items()}


@pytest.mark.parametrize(
    "value",
    [
        "DE136695976",
        "DE129273398",
        "DE811569869",
        "ATU13585627",
        "ATU14189108",
        "ATU37675002",
        "BE0403019261",
        "BE1000000000",
        "BG1234567890",
        "CHE-109.322.551 MWST",
        "CHE-116.281.710 MWST",
        "CZ123456789",
        "CZ1234567890",
        "ESB12345678",
        "ES12345678Z",
        "FRXX123456789",
        "GBGD001",
        "GBHA599",
        "IE1234567T",
        "IE1234567TW",
        "IE1+23456L",
        "IE1A23456L",
        "LI50123",
        "LT123456789012",
        "NL123456789B01",
        "RO12",
        "XI123456789012",
        "XIHA999",
    ],
)
def test_a_number_in_the_form_of_its_country_is_taken(value: str) -> None:
    assert require_vat_id("vat_id", value) == value


@pytest.mark.parametrize("country", [*EU, "XI", "GB", "CHE", "LI"])
def test_every_country_takes_its_own_example(country: str) -> None:
    assert require_vat_id("vat_id", EXAMPLES[country]) == EXAMPLES[country]


@pytest.mark.parametrize("country", [*EU, "XI", "GB", "CHE", "LI"])
def test_what_the_country_does_not_issue_is_refused_with_its_example(country: str) -> None:
    with pytest.raises(VatIdInvalid) as refusal:
        require_vat_id("vat_id", EXAMPLES[country] + "00Q")

    assert EXAMPLES[country] in str(refusal.value)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (" de 136 695 976 ", "DE136695976"),
        ("DE-136.695.976", "DE136695976"),
        ("DE136\u00a0695\u2011976", "DE136695976"),
        ("atu 1358 5627", "ATU13585627"),
        ("che109322551mwst", "CHE-109.322.551 MWST"),
        ("CHE-109.322.551 TVA", "CHE-109.322.551 MWST"),
        ("CHE 109 322 551 IVA", "CHE-109.322.551 MWST"),
        ("GR 123456789", "EL123456789"),
        ("FL 12 345", "LI12345"),
        ("nl 1234.56.789.B01", "NL123456789B01"),
    ],
)
def test_a_number_is_kept_in_one_form(value: str, kept: str) -> None:
    assert require_vat_id("vat_id", value) == kept


@pytest.mark.parametrize("value", ["136695976", "US123456789", "CHF1", "X", "D 1E", "", "ẞß"])
def test_a_number_begins_with_the_country_that_issued_it(value: str) -> None:
    with pytest.raises(VatIdPrefixUnknown) as refusal:
        require_vat_id("billing.vat_id", value)

    assert refusal.value.facts == {"name": "billing.vat_id", "value": value}


@pytest.mark.parametrize(
    "value",
    [
        "DE13669597",
        "DE036695976",
        "DE1366959766",
        "DE\u0661\u0663\u0666\u0666\u0669\u0665\u0669\u0667\u0666",
        "AT13585627",
        "BE2403019261",
        "CHE-109.322.551",
        "CHE-109.322.551 HR",
        "ES123456789",
        "FROO123456789",
        "GBGD500",
        "GBHA499",
        "IE1234567X",
        "LT1234567890",
        "LI123456",
        "NL123456789C01",
        "RO1",
        "RO01",
        "XI1234567890",
    ],
)
def test_a_number_in_another_form_is_refused(value: str) -> None:
    with pytest.raises(VatIdInvalid):
        require_vat_id("vat_id", value)


def test_the_refusal_says_what_is_expected_of_that_country() -> None:
    with pytest.raises(VatIdInvalid) as refusal:
        require_vat_id("vat_id", "CHE-109.322.551")

    assert str(refusal.value) == (
        "`vat_id` of CHE is written like CHE-109.322.551 MWST, not 'CHE-109.322.551'."
    )


@pytest.mark.parametrize(
    "value", ["DE136695978", "DE136965976", "ATU13585626", "CHE-123.456.789 MWST"]
)
def test_a_number_with_another_check_digit_is_refused(value: str) -> None:
    with pytest.raises(VatIdMistyped):
        require_vat_id("vat_id", value)


@pytest.mark.parametrize("value", ["", " ", "\n\t\u00a0"])
def test_a_number_that_is_not_required_may_be_blank(value: str) -> None:
    assert optional_vat_id("vat_id", value) == ""


def test_a_number_that_is_given_is_checked() -> None:
    with pytest.raises(VatIdMistyped):
        optional_vat_id("vat_id", "DE136695978")


@given(st.sampled_from(sorted(_FORMATS)), st.data())
def test_what_was_kept_is_kept_again(country: str, data: st.DataObject) -> None:
    pattern, _ = _FORMATS[country]
    body = data.draw(st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True))

    try:
        kept = require_vat_id("vat_id", country + body)
    except VatIdMistyped:
        return

    assert require_vat_id("vat_id", kept) == kept


@given(
    st.sampled_from(["DE136695976", "ATU13585627", "CHE109322551MWST"]),
    st.integers(0, 8),
    st.integers(1, 9),
)
def test_one_mistyped_digit_is_noticed(number: str, position: int, shift: int) -> None:
    digits = [at for at, letter in enumerate(number) if letter.isdigit()]
    at = digits[position % len(digits)]
    wrong = number[:at] + str((int(number[at]) + shift) % 10) + number[at + 1 :]

    with pytest.raises((VatIdMistyped, VatIdInvalid)):
        require_vat_id("vat_id", wrong)
