"""Values of custom fields."""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.custom_values import CustomValueInvalid, FieldKind, FieldRules, checked_value
from domain.errors import Invalid
from domain.phones import PhoneCountryMissing
from domain.rules import EmailInvalid, TextMissing, TextTooLong

COLOURS = ("red", "green", "blue")


def _checked(kind: FieldKind, value: object, **rules: object) -> object:
    return checked_value(FieldRules(kind, **rules), "custom.x", value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        (FieldKind.TEXT, " Rack 7 ", "Rack 7"),
        (FieldKind.TEXT, "7", "7"),
        (FieldKind.NUMBER, "12.5", "12.50"),
        (FieldKind.NUMBER, " -0.05 ", "-0.05"),
        (FieldKind.NUMBER, "-0", "0.00"),
        (FieldKind.NUMBER, "12.500", "12.50"),
        (FieldKind.NUMBER, 12, "12.00"),
        (FieldKind.NUMBER, 12.1, "12.10"),
        (FieldKind.NUMBER, "007", "7.00"),
        (FieldKind.INTEGER, 0, 0),
        (FieldKind.INTEGER, -12, -12),
        (FieldKind.INTEGER, 2**53 - 1, 2**53 - 1),
        (FieldKind.BOOLEAN, True, True),
        (FieldKind.BOOLEAN, False, False),
        (FieldKind.DATE, "2024-02-29", "2024-02-29"),
        (FieldKind.URL, " https://acme.example/a?b=c#d ", "https://acme.example/a?b=c#d"),
        (FieldKind.URL, "http://[2001:db8::1]:8080", "http://[2001:db8::1]:8080"),
        (FieldKind.EMAIL, " Ada@ACME.example", "ada@acme.example"),
        (FieldKind.PHONE, "+49 (0)30 901820", "+4930901820"),
    ],
)
def test_a_value_of_its_kind_is_kept_in_one_form(
    kind: FieldKind, value: object, stored: object
) -> None:
    kept = _checked(kind, value)

    assert kept == stored
    assert type(kept) is type(stored)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (FieldKind.TEXT, 7),
        (FieldKind.TEXT, ["a"]),
        (FieldKind.NUMBER, True),
        (FieldKind.NUMBER, "12,5"),
        (FieldKind.NUMBER, "1e3"),
        (FieldKind.NUMBER, 1e30),
        (FieldKind.NUMBER, float("nan")),
        (FieldKind.NUMBER, "Infinity"),
        (FieldKind.NUMBER, "1.005"),
        (FieldKind.NUMBER, "\u0661"),
        (FieldKind.NUMBER, "1234567890123456"),
        (FieldKind.NUMBER, "9" * 500),
        (FieldKind.NUMBER, "0." + "0" * 100_000 + "1"),
        (FieldKind.NUMBER, [1]),
        (FieldKind.INTEGER, 1.0),
        (FieldKind.INTEGER, "1"),
        (FieldKind.INTEGER, True),
        (FieldKind.INTEGER, 2**53),
        (FieldKind.BOOLEAN, 1),
        (FieldKind.BOOLEAN, "true"),
        (FieldKind.DATE, "2026-02-29"),
        (FieldKind.DATE, "20260228"),
        (FieldKind.DATE, "2026-W09-6"),
        (FieldKind.DATE, "28.02.2026"),
        (FieldKind.DATE, 20260228),
        (FieldKind.URL, "acme.example"),
        (FieldKind.URL, "javascript:alert(1)"),
        (FieldKind.URL, "ftp://acme.example"),
        (FieldKind.URL, "https://"),
        (FieldKind.URL, "https://acme.example/a b"),
        (FieldKind.URL, "https://acme.example:99999"),
        (FieldKind.URL, "https://[acme"),
        (FieldKind.URL, 7),
        (FieldKind.EMAIL, 7),
        (FieldKind.PHONE, 4930901820),
    ],
)
def test_a_value_of_another_kind_is_refused(kind: FieldKind, value: object) -> None:
    with pytest.raises(CustomValueInvalid) as refusal:
        _checked(kind, value)

    assert refusal.value.facts["name"] == "custom.x"


def test_an_email_address_and_a_phone_number_are_refused_in_the_words_of_their_rules() -> None:
    with pytest.raises(EmailInvalid):
        _checked(FieldKind.EMAIL, "ada")
    with pytest.raises(PhoneCountryMissing):
        _checked(FieldKind.PHONE, "030 901820")


@pytest.mark.parametrize("kind", [FieldKind.TEXT, FieldKind.URL])
def test_a_text_has_a_limit(kind: FieldKind) -> None:
    with pytest.raises(TextTooLong):
        _checked(kind, "https://acme.example", max_length=19)


@pytest.mark.parametrize("kind", FieldKind)
@pytest.mark.parametrize("nothing", [None, "", "  ", []])
def test_a_value_that_is_not_required_may_be_missing(kind: FieldKind, nothing: object) -> None:
    assert _checked(kind, nothing) is None


@pytest.mark.parametrize("kind", FieldKind)
@pytest.mark.parametrize("nothing", [None, "", "  ", []])
def test_a_required_value_is_there(kind: FieldKind, nothing: object) -> None:
    with pytest.raises(TextMissing) as refusal:
        _checked(kind, nothing, required=True)

    assert refusal.value.facts == {"name": "custom.x"}


def test_no_and_zero_are_values() -> None:
    assert _checked(FieldKind.BOOLEAN, value=False, required=True) is False
    assert _checked(FieldKind.INTEGER, value=0, required=True) == 0


def test_one_of_the_choices_is_taken() -> None:
    assert _checked(FieldKind.CHOICE, "green", choices=COLOURS) == "green"


@pytest.mark.parametrize("value", ["Green", "yellow", 1, ["green"]])
def test_what_can_not_be_chosen_is_refused_with_the_choices(value: object) -> None:
    with pytest.raises(CustomValueInvalid) as refusal:
        _checked(FieldKind.CHOICE, value, choices=COLOURS)

    assert str(refusal.value) == f"`custom.x` takes one of red, green, blue, not {value!r}."


def test_several_choices_are_kept_once_each_in_the_order_of_the_field() -> None:
    assert _checked(FieldKind.CHOICES, ["blue", "red", "blue"], choices=COLOURS) == ["red", "blue"]


@pytest.mark.parametrize("value", ["red", ["yellow"], ["red", "yellow"], [["red"]], {"red": 1}])
def test_several_choices_are_a_list_of_what_can_be_chosen(value: object) -> None:
    with pytest.raises(CustomValueInvalid):
        _checked(FieldKind.CHOICES, value, choices=COLOURS)


@pytest.mark.parametrize("value", [1, 10])
def test_a_number_may_be_as_small_and_as_large_as_its_limits(value: int) -> None:
    limits = {"minimum": Decimal(1), "maximum": Decimal(10)}

    assert _checked(FieldKind.INTEGER, value, **limits) == value
    assert _checked(FieldKind.NUMBER, value, **limits) == f"{value}.00"


@pytest.mark.parametrize("value", [0, 11])
def test_a_number_beyond_its_limits_is_refused_with_them(value: int) -> None:
    limits = {"minimum": Decimal(1), "maximum": Decimal(10)}

    with pytest.raises(CustomValueInvalid) as whole:
        _checked(FieldKind.INTEGER, value, **limits)
    with pytest.raises(CustomValueInvalid) as number:
        _checked(FieldKind.NUMBER, value, **limits)

    assert whole.value.facts["expected"] == "a whole number, at least 1, at most 10"
    assert number.value.facts["expected"] == (
        "a number with up to 2 decimals, at least 1, at most 10"
    )


def test_a_number_may_have_no_decimals() -> None:
    assert _checked(FieldKind.NUMBER, "12.0", scale=0) == "12"

    with pytest.raises(CustomValueInvalid):
        _checked(FieldKind.NUMBER, "12.5", scale=0)


def test_a_long_value_is_not_repeated_in_full() -> None:
    with pytest.raises(CustomValueInvalid) as refusal:
        _checked(FieldKind.DATE, "x" * 10_000)

    assert len(str(refusal.value)) < 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
TYPICAL = st.one_of(
    st.dates().map(date.isoformat),
    st.decimals(allow_nan=False, allow_infinity=False, places=1).map(str),
    st.lists(st.sampled_from(COLOURS)),
    st.sampled_from([*COLOURS, "a@b.example", "+4930901820", "https://acme.example"]),
)


@given(st.sampled_from(FieldKind), JSON | TYPICAL)
def test_any_value_is_refused_or_kept_as_json_and_kept_again(
    kind: FieldKind, value: object
) -> None:
    rules = FieldRules(kind, choices=COLOURS)
    try:
        kept = checked_value(rules, "custom.x", value)
    except Invalid:
        return

    assert checked_value(rules, "custom.x", json.loads(json.dumps(kept))) == kept


def test_a_number_has_up_to_ten_decimals_behind_fifteen_digits() -> None:
    longest = "123456789012345.0123456789"

    assert _checked(FieldKind.NUMBER, longest, scale=10) == longest
