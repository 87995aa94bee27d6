"""Checks of plain text values."""

import pytest

from domain.rules import (
    DomainInvalid,
    EmailInvalid,
    TextMissing,
    TextTooLong,
    limit_text,
    optional_email,
    require_domains,
    require_email,
    require_length,
    require_text,
)


def test_a_text_loses_the_blanks_around_it() -> None:
    assert require_text("title", " \tOne two\n", limit=7) == "One two"


@pytest.mark.parametrize("text", ["", " ", "\n\t\u00a0"])
def test_a_required_text_is_not_blank(text: str) -> None:
    with pytest.raises(TextMissing) as refusal:
        require_text("title", text, limit=10)

    assert str(refusal.value) == "`title` must not be empty."


def test_a_text_may_be_as_long_as_its_limit() -> None:
    assert limit_text("title", "x" * 10, limit=10) == "x" * 10


def test_the_blanks_around_a_text_do_not_count() -> None:
    assert limit_text("title", " " + "x" * 10 + " ", limit=10) == "x" * 10


@pytest.mark.parametrize("check", [limit_text, require_text])
def test_a_text_is_not_longer_than_its_limit(check: type) -> None:
    with pytest.raises(TextTooLong) as refusal:
        check("title", "x" * 11, limit=10)

    assert str(refusal.value) == "`title` has 11 characters; at most 10 are allowed."


def test_a_text_that_is_not_required_may_be_blank() -> None:
    assert limit_text("title", "  ", limit=10) == ""


def test_a_text_that_is_kept_to_the_letter_has_a_limit_with_its_blanks() -> None:
    require_length("title", " x ", limit=3)

    with pytest.raises(TextTooLong) as refusal:
        require_length("title", " x  ", limit=3)

    assert refusal.value.facts == {"name": "title", "length": 4, "limit": 3}


def test_an_email_address_is_kept_in_lower_case() -> None:
    assert require_email("email", " Ada.Zürn@ACME.example ") == "ada.zürn@acme.example"


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "ada",
        "@acme.example",
        "ada@",
        "ada@acme",
        "ada@acme.",
        "ada@.example",
        "ada@acme..example",
        "ada@@acme.example",
        "ada zürn@acme.example",
        "ada@acme.example\nbcc:all@acme.example",
        "a" * 242 + "@acme.example",
    ],
)
def test_what_is_not_an_email_address_is_refused(value: str) -> None:
    with pytest.raises(EmailInvalid):
        require_email("email", value)


def test_an_email_address_may_have_254_characters() -> None:
    longest = "a" * 241 + "@acme.example"

    assert require_email("email", longest) == longest


@pytest.mark.parametrize("value", ["", " ", "\n\t\u00a0"])
def test_an_email_address_that_is_not_required_may_be_blank(value: str) -> None:
    assert optional_email("email", value) == ""


def test_an_email_address_that_is_given_is_kept_in_lower_case() -> None:
    assert optional_email("email", " Ada@ACME.example ") == "ada@acme.example"


def test_an_email_address_that_is_given_is_checked() -> None:
    with pytest.raises(EmailInvalid):
        optional_email("email", "ada")


def test_domains_are_kept_once_each_sorted_and_in_lower_case() -> None:
    values = ["zeta.example", " @ACME.example ", "acme.example", "a.b-c.example"]

    domains = require_domains("email_domains", values)

    assert domains == ("a.b-c.example", "acme.example", "zeta.example")


def test_no_domains_are_domains_too() -> None:
    assert require_domains("email_domains", []) == ()


@pytest.mark.parametrize(
    "value",
    [
        "",
        "acme",
        "acme.-example",
        "acme..example",
        ".example",
        "acme.example.",
        "ac me.example",
        "ac_me.example",
        "ada@acme.example",
        "x" * 64 + ".example",
        "acme½.example",
        "acme\uff11.example",
        "acme🔥.example",
        ".".join(["x" * 49] * 5 + ["xxxx"]),
    ],
)
def test_what_is_not_a_domain_name_is_refused(value: str) -> None:
    with pytest.raises(DomainInvalid):
        require_domains("email_domains", ["acme.example", value])


def test_a_domain_name_may_have_253_characters() -> None:
    longest = ".".join(["x" * 49] * 5 + ["xxx"])

    assert require_domains("email_domains", [longest]) == (longest,)


@pytest.mark.parametrize(
    ("value", "domain"),
    [
        ("Müller.de", "müller.de"),
        ("STRAẞE.example", "straße.example"),
        ("例え.テスト", "例え.テスト"),
        ("उदाहरण.परीक्षा", "उदाहरण.परीक्षा"),
        ("xn--mller-kva.de", "xn--mller-kva.de"),
    ],
)
def test_a_domain_name_is_kept_in_the_letters_it_is_given_in(value: str, domain: str) -> None:
    assert require_domains("email_domains", [value]) == (domain,)


@pytest.mark.parametrize("value", ["acme-.example", "acme.example-", "-acme.example", "-.example"])
def test_a_domain_name_has_no_hyphen_at_the_end_of_a_label(value: str) -> None:
    with pytest.raises(DomainInvalid):
        require_domains("email_domains", [value])
