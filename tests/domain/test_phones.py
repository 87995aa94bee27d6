"""Phone numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.phones import (
    PhoneCountryMissing,
    PhoneExtended,
    PhoneInvalid,
    PhoneNotNational,
    national_phone,
    require_phone,
)


@pytest.mark.parametrize(
    "value",
    [
        "+4930901820",
        " +49 30 901820 ",
        "+49 30/90 18 20",
        "+49-30-901820",
        "+49.30.901820",
        "+49 (30) 901820",
        "+49 (0)30 901820",
        "+49 (0) 30 901820",
        "(+49) (0)30 901820",
        "+49 (030) 901820",
        "+49 030 901820",
        "+49(0)30901820",
        "0049 30 901820",
        "0049 (0)30 901820",
        "00 49 30 901820",
        "+49\u00a030\u2011901\u2013820",
        "\u202a+49 30 901820\u202c",
    ],
)
def test_a_number_is_kept_in_one_form_however_it_is_written(value: str) -> None:
    assert require_phone("phone", value) == "+4930901820"


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("+43 (0)1 58900-0", "+431589000"),
        ("+41 (0)44 668 18 00", "+41446681800"),
        ("+423 236 61 11", "+4232366111"),
        ("+44 (0)20 7946 0018", "+442079460018"),
        ("+46 (0)8 508 290 00", "+46850829000"),
        ("+39 06 6982", "+39066982"),
        ("+39 (0)6 6982", "+39066982"),
        ("+378 (0)549 882 000", "+3780549882000"),
        ("+31 020 623 0000", "+31206230000"),
        ("+32 02 123 45 67", "+3221234567"),
        ("+33 01 23 45 67 89", "+33123456789"),
        ("+41 044 668 18 00", "+41446681800"),
        ("+43 01 58900", "+43158900"),
        ("+44 (020) 7946 0018", "+442079460018"),
        ("+1 (212) 555-0100", "+12125550100"),
        ("+49 30 9018 (0)", "+493090180"),
        ("+420 222 111 000", "+420222111000"),
    ],
)
def test_the_zero_after_the_country_code_goes_where_it_is_not_dialled(
    value: str, kept: str
) -> None:
    assert require_phone("phone", value) == kept


@pytest.mark.parametrize("value", ["030 901820", "(030) 901820", "901820", "49 30 901820", "110"])
def test_a_number_without_country_code_is_refused_with_the_way_out(value: str) -> None:
    with pytest.raises(PhoneCountryMissing) as refusal:
        require_phone("contact.phone", value)

    assert str(refusal.value) == (
        f"`contact.phone` lacks the country code: {value!r}; write it like +49 30 901820."
    )


@pytest.mark.parametrize(
    "value",
    [
        "+49 30 901820 ext. 12",
        "+49 30 901820 x12",
        "+49 30 901820x12",
        "+49 30 901820;ext=12",
        "+49 30 901820#12",
        "+49 30 901820 App. 12",
        "+49 (30) 901820, Durchwahl 12",
        "+43 1 58900 DW 12",
        "+43 1 58900 Klappe 12",
    ],
)
def test_an_extension_is_refused(value: str) -> None:
    with pytest.raises(PhoneExtended):
        require_phone("phone", value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "+",
        "00",
        "+49",
        "+49 301",
        "+0 30 901820",
        "+0049 30 901820",
        "+49 30 901820, +49 171 1234567",
        "+49 30 901820 (Büro)",
        "+49 800 TAXI",
        "++49 30 901820",
        "+49 30 +901820",
        "+49 12345678901234",
        "+49 30 901820" + " " * 50,
        "+49 \u0663\u0660\u0669\u0660\u0661\u0668",
    ],
)
def test_what_is_not_a_phone_number_is_refused(value: str) -> None:
    with pytest.raises(PhoneInvalid):
        require_phone("phone", value)


@pytest.mark.parametrize("value", ["+1234567", "+123456789012345"])
def test_a_number_has_7_to_15_digits(value: str) -> None:
    assert require_phone("phone", value) == value


@pytest.mark.parametrize(
    ("value", "country", "kept"),
    [
        ("030 901820", "DE", "+4930901820"),
        ("(030) 90 18-20", "DE", "+4930901820"),
        ("0171/1234567", "DE", "+491711234567"),
        ("01 58900", "AT", "+43158900"),
        ("0664 1234567", "AT", "+436641234567"),
        ("044 668 18 00", "CH", "+41446681800"),
        ("236 61 11", "LI", "+4232366111"),
        ("660 123 456", "LI", "+423660123456"),
        ("+43 1 58900", "DE", "+43158900"),
        ("0043 1 58900", "DE", "+43158900"),
    ],
)
def test_a_national_number_gets_the_code_of_its_country(
    value: str, country: str, kept: str
) -> None:
    assert national_phone("phone", value, country=country) == kept


@pytest.mark.parametrize(
    ("value", "country"),
    [
        ("901820", "DE"),
        ("30 901820", "DE"),
        ("110", "DE"),
        ("58900", "AT"),
        ("668 18 00", "CH"),
        ("044 668 18", "CH"),
        ("0236 61 11", "LI"),
    ],
)
def test_nothing_is_guessed_about_a_number_without_area_code(value: str, country: str) -> None:
    with pytest.raises(PhoneNotNational) as refusal:
        national_phone("phone", value, country=country)

    assert refusal.value.facts["country"] == country


@pytest.mark.parametrize("country", ["FR", "", "de"])
def test_nothing_is_guessed_about_numbers_of_other_countries(country: str) -> None:
    with pytest.raises(PhoneCountryMissing):
        national_phone("phone", "01 23 45 67 89", country=country)


def test_a_national_number_has_no_extension_either() -> None:
    with pytest.raises(PhoneExtended):
        national_phone("phone", "030 901820 App. 12", country="DE")


@given(
    st.sampled_from(["+49", "0049", "+43", "+41", "+423", "+1", "+39"]),
    st.lists(
        st.from_regex(r"[1-9][0-9]{1,3}", fullmatch=True).filter(str.isascii),
        min_size=3,
        max_size=3,
    ),
    st.sampled_from([" ", "/", "-", ".", " - "]),
)
def test_what_was_kept_is_kept_again(code: str, parts: list[str], separator: str) -> None:
    kept = require_phone("phone", f"{code} {separator.join(parts)}")

    assert kept == code.replace("00", "+") + "".join(parts)
    assert require_phone("phone", kept) == kept


@given(st.text(alphabet="+0123456789 ()/-x#\u00a0a", max_size=20))
def test_a_number_is_taken_as_e164_or_refused(value: str) -> None:
    try:
        kept = require_phone("phone", value)
    except (PhoneInvalid, PhoneCountryMissing, PhoneExtended):
        return

    assert kept[0] == "+"
    assert kept[1:].isdecimal()
    assert 7 <= len(kept) - 1 <= 15
