"""The rules of custom fields are checked themselves, and what is wrong is named."""

from decimal import Decimal
from typing import Any

import pytest

from domain.errors import Invalid
from domain.field_rules import (
    ChoiceRepeated,
    ChoicesMissing,
    FieldKind,
    FieldRules,
    LimitInvalid,
    LimitsCrossed,
    RuleOutOfRange,
    RuleUnfit,
    checked_rules,
)
from domain.rules import TextMissing, TextTooLong

CHOOSING = pytest.mark.parametrize("kind", [FieldKind.CHOICE, FieldKind.CHOICES])


@pytest.mark.parametrize(
    "rules",
    [
        FieldRules(FieldKind.TEXT, required=True, max_length=1),
        FieldRules(FieldKind.TEXT, max_length=10_000),
        FieldRules(FieldKind.NUMBER, scale=0),
        FieldRules(FieldKind.NUMBER, scale=10),
        FieldRules(FieldKind.NUMBER, minimum=Decimal("-0.5"), maximum=Decimal("-0.5")),
        FieldRules(FieldKind.NUMBER, maximum=Decimal("999999999999999.999999999999")),
        FieldRules(FieldKind.INTEGER, minimum=Decimal(0)),
        FieldRules(FieldKind.CHOICE, choices=("one",)),
        FieldRules(FieldKind.CHOICES, choices=tuple(str(n) for n in range(200))),
    ],
    ids=str,
)
def test_rules_that_can_be_kept_are_kept(rules: FieldRules) -> None:
    assert checked_rules("rules", rules) == rules


def test_choices_are_kept_in_their_order_without_blanks_around_them() -> None:
    rules = FieldRules(FieldKind.CHOICE, choices=(" silver", "gold "))

    kept = checked_rules("rules", rules)

    assert kept.choices == ("silver", "gold")
    assert checked_rules("rules", kept) == kept


@CHOOSING
@pytest.mark.parametrize(
    ("choices", "refusal"),
    [
        ((), ChoicesMissing),
        (tuple(str(n) for n in range(201)), ChoicesMissing),
        (("gold", " "), TextMissing),
        (("gold", "x" * 101), TextTooLong),
        (("gold", "silver", " gold"), ChoiceRepeated),
    ],
    ids=["none", "too many", "empty", "long", "twice"],
)
def test_choices_are_some_and_different(
    kind: FieldKind, choices: tuple[str, ...], refusal: type[Invalid]
) -> None:
    with pytest.raises(refusal) as refused:
        checked_rules("rules", FieldRules(kind, choices=choices))

    assert refused.value.facts["name"] == "rules.choices"


@pytest.mark.parametrize(
    ("rules", "field", "refusal"),
    [
        ({"minimum": Decimal(2), "maximum": Decimal(1)}, "rules.minimum", LimitsCrossed),
        ({"minimum": Decimal("NaN")}, "rules.minimum", LimitInvalid),
        ({"maximum": Decimal("sNaN")}, "rules.maximum", LimitInvalid),
        ({"maximum": Decimal("Infinity")}, "rules.maximum", LimitInvalid),
        ({"maximum": Decimal("1e99999999")}, "rules.maximum", LimitInvalid),
        ({"maximum": Decimal("1e-99999999")}, "rules.maximum", LimitInvalid),
        ({"minimum": Decimal("-1e15")}, "rules.minimum", LimitInvalid),
        ({"minimum": Decimal("1e-13")}, "rules.minimum", LimitInvalid),
        ({"scale": -1}, "rules.scale", RuleOutOfRange),
        ({"scale": 11}, "rules.scale", RuleOutOfRange),
        ({"max_length": 0}, "rules.max_length", RuleOutOfRange),
        ({"max_length": 10_001}, "rules.max_length", RuleOutOfRange),
        ({"choices": ("1", "2")}, "rules.choices", RuleUnfit),
    ],
    ids=str,
)
def test_limits_are_numbers_that_can_be_kept(
    rules: dict[str, Any], field: str, refusal: type[Invalid]
) -> None:
    with pytest.raises(refusal) as refused:
        checked_rules("rules", FieldRules(FieldKind.NUMBER, **rules))

    assert refused.value.facts["name"] == field


@pytest.mark.parametrize("limit", ["minimum", "maximum"])
@pytest.mark.parametrize("kind", sorted(set(FieldKind) - {FieldKind.NUMBER, FieldKind.INTEGER}))
def test_a_limit_of_what_is_no_number_is_refused(kind: FieldKind, limit: str) -> None:
    choices = ("one",) if kind in {FieldKind.CHOICE, FieldKind.CHOICES} else ()
    limits: dict[str, Any] = {limit: Decimal(1)}

    with pytest.raises(RuleUnfit, match=f"`rules.{limit}` counts for number and integer only"):
        checked_rules("rules", FieldRules(kind, choices=choices, **limits))
