"""Values of custom fields: checked against the field of their key, and set together."""

import pytest

from commands.customers.custom_fields import (
    ArchiveCustomField,
    ChangeCustomField,
    DefineCustomField,
    Rules,
)
from commands.customers.custom_values import SetCustomerFields
from domain.custom_values import CustomValueInvalid
from domain.customers.custom_fields import (
    CustomFieldId,
    CustomFieldKindFixed,
    CustomFieldOutOfUse,
    CustomFieldUnknown,
    RecordKind,
)
from domain.errors import Refused
from domain.field_rules import FieldKind
from domain.problems import problem_of
from domain.reservations import AlreadyTaken
from domain.rules import TextMissing, TextTooLong
from tests.commands.office import TECHNICIAN, Office
from tests.given import CUSTOMER, T2, customer_customized, customer_registered


async def define(office: Office, key: str, kind: FieldKind, **rules: object) -> CustomFieldId:
    """Define a field of customers, and take that as given."""
    accepted = await office.ask(
        DefineCustomField(
            record_kind=RecordKind.CUSTOMER,
            key=key,
            label_de=key,
            label_en=key,
            rules=Rules(kind=kind, **rules),  # type: ignore[arg-type] # a test names what it needs
        )
    )
    office.settle()
    return CustomFieldId(accepted.id)


def values(**given: object) -> SetCustomerFields:
    """Return the command that sets these values."""
    return SetCustomerFields(customer_id=CUSTOMER, values=given)


async def test_values_are_set_together_as_they_are_kept() -> None:
    office = Office(customer_registered)
    await define(office, "cost_centre", FieldKind.TEXT)
    await define(office, "rate", FieldKind.NUMBER, scale=2)
    await define(office, "levels", FieldKind.CHOICES, choices=["gold", "silver"])

    await office.ask(
        values(cost_centre=" 4711 ", rate=12.5, levels=["silver", "gold"]), by=TECHNICIAN
    )

    told = {"cost_centre": "4711", "rate": "12.50", "levels": ["gold", "silver"]}
    assert office.told() == [customer_customized(values=told, timestamp=T2)]


async def test_null_takes_a_value_away_and_what_is_not_named_stays() -> None:
    office = Office(customer_registered, customer_customized(values={"a": "1", "b": "2"}))
    await define(office, "a", FieldKind.TEXT)

    await office.ask(values(a=None))

    assert office.told() == [customer_customized(values={"a": None}, timestamp=T2)]


async def test_a_value_that_is_there_already_is_no_change() -> None:
    office = Office(customer_registered, customer_customized(values={"a": "1"}))
    await define(office, "a", FieldKind.TEXT)

    await office.ask(values(a="1"))

    assert office.told() == []


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (FieldKind.TEXT, 7, "`values.x` takes a text, not 7."),
        (FieldKind.BOOLEAN, "yes", "`values.x` takes true or false, not 'yes'."),
        (FieldKind.INTEGER, True, "`values.x` takes a whole number, not True."),
        (FieldKind.NUMBER, 1.234, "`values.x` takes a number with up to 2 decimals, not 1.234."),
        (FieldKind.DATE, {"y": 2026}, "`values.x` takes a date like 2026-03-31, not {'y': 2026}."),
    ],
)
async def test_a_value_of_the_wrong_type_hears_what_was_expected_and_what_came(
    kind: FieldKind, value: object, said: str
) -> None:
    office = Office(customer_registered)
    await define(office, "x", kind)

    with pytest.raises(CustomValueInvalid) as refused:
        await office.ask(values(x=value))

    (error,) = problem_of(refused.value, 422).errors
    assert (error.field, error.message) == ("values.x", said)
    assert office.told() == []


@pytest.mark.parametrize(
    ("given", "field", "refusal"),
    [
        ({"x": None}, "values.x", TextMissing),
        ({"x": " "}, "values.x", TextMissing),
        ({"x": "12345678"}, "values.x", TextTooLong),
        ({"x": "1", "y": "2"}, "values.y", CustomFieldUnknown),
        ({"X": "1"}, "values.X", CustomFieldUnknown),
        ({"": "1"}, "values.", CustomFieldUnknown),
    ],
    ids=str,
)
async def test_one_value_that_can_not_be_is_named_and_none_is_set(
    given: dict[str, object], field: str, refusal: type[Refused]
) -> None:
    office = Office(customer_registered)
    await define(office, "x", FieldKind.TEXT, required=True, max_length=7)

    with pytest.raises(refusal) as refused:
        await office.ask(values(**given))

    assert problem_of(refused.value, 422).errors[0].field == field
    assert office.told() == []


async def test_a_field_of_another_kind_of_record_is_unknown() -> None:
    office = Office(customer_registered)
    await office.ask(
        DefineCustomField(
            record_kind=RecordKind.CONTACT,
            key="birthday",
            label_de="Geburtstag",
            label_en="Birthday",
            rules=Rules(kind=FieldKind.DATE),
        )
    )

    with pytest.raises(CustomFieldUnknown, match=r"`values\.birthday`: a customer has"):
        await office.ask(values(birthday="2000-01-01"))


async def test_an_archived_field_takes_no_value_and_keeps_its_key() -> None:
    office = Office(customer_registered)
    field = await define(office, "x", FieldKind.TEXT)
    await office.ask(ArchiveCustomField(custom_field_id=field))
    office.settle()

    for value in ("1", None):
        with pytest.raises(CustomFieldOutOfUse, match=r"`values\.x`"):
            await office.ask(values(x=value))
    with pytest.raises(AlreadyTaken, match=r"`key` .* the custom field"):
        await define(office, "x", FieldKind.TEXT)

    assert office.told() == []


async def test_a_field_that_is_archived_meanwhile_takes_nothing_back() -> None:
    office = Office(customer_registered)
    field = await define(office, "x", FieldKind.TEXT)

    async def archive_it() -> None:
        await office.ask(ArchiveCustomField(custom_field_id=field))

    office.log.meanwhile.append(archive_it)
    await office.ask(values(x="1"))

    assert office.topics() == ["custom_field.archived", "customer.customized"]


async def test_rules_that_changed_before_count() -> None:
    office = Office(customer_registered)
    field = await define(office, "x", FieldKind.TEXT)
    rules = Rules(kind=FieldKind.TEXT, max_length=3)
    await office.ask(ChangeCustomField(custom_field_id=field, rules=rules))

    with pytest.raises(TextTooLong, match=r"`values.x` has 4 characters; at most 3"):
        await office.ask(values(x="four"))


async def test_a_change_that_is_refused_in_part_changes_nothing() -> None:
    office = Office()
    field = await define(office, "x", FieldKind.TEXT)

    with pytest.raises(CustomFieldKindFixed):
        await office.ask(
            ChangeCustomField(custom_field_id=field, label_de="Y", rules=Rules(kind=FieldKind.DATE))
        )

    assert office.told() == []
