"""Custom fields: defined, called otherwise, given other rules, archived and restored."""

from typing import Any

import pytest

from domain.custom_values import FieldKind, FieldRules
from domain.customers.custom_fields import (
    CustomField,
    CustomFieldArchived,
    CustomFieldKeyInvalid,
    CustomFieldKindFixed,
    RecordKind,
)
from domain.field_rules import ChoicesMissing, RuleOutOfRange
from domain.rules import TextMissing, TextTooLong
from tests.given import (
    CUSTOM_FIELD,
    T0,
    T1,
    custom_field_archived,
    custom_field_changed,
    custom_field_defined,
    custom_field_rules_changed,
    given,
    recorded,
)


def defined(**changes: Any) -> CustomField:
    """Return the field that is defined with these changes."""
    facts: dict[str, Any] = {**custom_field_defined.values, **changes}
    return CustomField.begin(CUSTOM_FIELD, CustomField.Defined, T0, **facts)


def test_a_field_is_defined() -> None:
    assert recorded(defined()) == [custom_field_defined]


@pytest.mark.parametrize("key", ["a", "cost_centre", "x9", "a" * 40, "a__"])
def test_a_key_is_a_word_in_small_letters(key: str) -> None:
    assert defined(key=key).key == key


@pytest.mark.parametrize(
    "key", ["", "A", "9a", "_a", "a b", "a-b", "a.b", "ä", "a" * 41, "a\n", " a"]
)
def test_a_key_is_nothing_else(key: str) -> None:
    with pytest.raises(CustomFieldKeyInvalid) as refused:
        defined(key=key)

    assert refused.value.facts["name"] == "key"


@pytest.mark.parametrize("label", ["label_de", "label_en"])
def test_a_field_is_called_something_in_both_languages(label: str) -> None:
    with pytest.raises(TextMissing):
        defined(**{label: " "})
    with pytest.raises(TextTooLong):
        defined(**{label: "x" * 101})


def test_rules_that_can_not_be_kept_are_refused_when_a_field_is_defined() -> None:
    with pytest.raises(ChoicesMissing, match=r"`rules\.choices`"):
        defined(rules=FieldRules(FieldKind.CHOICE))


def test_two_kinds_of_record_may_have_a_field_of_one_key() -> None:
    fields = [given(CustomField, custom_field_defined(record_kind=kind)) for kind in RecordKind]

    names = [list(field.names()) for field in fields]

    assert names == [
        [("custom_field.key", "customer seats")],
        [("custom_field.key", "contact seats")],
        [("custom_field.key", "location seats")],
    ]


def test_a_field_is_called_otherwise() -> None:
    field = given(CustomField, custom_field_defined)

    field.change(CustomField.Changed, T1, **custom_field_changed.values)

    assert recorded(field) == [custom_field_changed(timestamp=T1)]


def test_a_field_takes_other_values_from_now_on() -> None:
    field = given(CustomField, custom_field_defined)

    field.change_rules(custom_field_rules_changed.values["rules"], at=T1)

    assert recorded(field) == [custom_field_rules_changed(timestamp=T1)]
    assert field.rules.required


def test_the_same_rules_again_are_ignored() -> None:
    field = given(CustomField, custom_field_defined)

    field.change_rules(custom_field_defined.values["rules"], at=T1)

    assert recorded(field) == []


def test_rules_that_can_not_be_kept_are_no_change() -> None:
    field = given(CustomField, custom_field_defined)

    with pytest.raises(RuleOutOfRange):
        field.change_rules(FieldRules(FieldKind.NUMBER, scale=11), at=T1)

    assert recorded(field) == []


def test_a_field_holds_values_of_one_kind_for_good() -> None:
    field = given(CustomField, custom_field_defined)

    with pytest.raises(CustomFieldKindFixed, match="holds `number` for good") as refused:
        field.change_rules(FieldRules(FieldKind.TEXT), at=T1)

    assert refused.value.field == "rules.kind"
    assert recorded(field) == []


def test_an_archived_field_can_not_be_archived_again() -> None:
    field = given(CustomField, custom_field_defined, custom_field_archived)

    with pytest.raises(CustomFieldArchived):
        field.archive(at=T1)

    assert recorded(field) == []
