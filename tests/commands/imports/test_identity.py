"""Ids that may never change: what was imported under them would be imported anew."""

from uuid import UUID

from commands.imports.identity import (
    RowIds,
    contact_id,
    creation,
    customer_id,
    group_id,
    import_id,
    ticket_id,
    user_id,
)
from commands.imports.source import Record

COLUMNS = ("case", "state", "closed_at")


def ids() -> RowIds:
    return RowIds("servicenow", COLUMNS, {"closed_at"})


def record(number: int, *values: str) -> Record:
    return Record(number, "INC0000047", values)


def test_the_ids_are_the_same_for_ever() -> None:
    row = ids().next(record(2, "INC0000047", "New", "?"))

    assert ticket_id("servicenow", "INC0000047") == UUID("53e9cbe0-0e33-5a89-886f-2be122c8776f")
    assert customer_id("servicenow", "ServiceNow import") == UUID(
        "0dd817ee-5cab-5503-a8c2-39bdfbd113e1"
    )
    assert group_id("servicenow", "Group 70") == UUID("b2fe867a-df89-5f9c-b812-f3f136768dfa")
    assert user_id("servicenow", "Resolver 89") == UUID("a612677c-69ac-5708-9575-dfaf32522d64")
    customer = customer_id("servicenow", "ServiceNow import")
    assert contact_id("servicenow", customer, "Caller 2403") == UUID(
        "b55be446-44e5-52ee-adb0-1b759a4f1475"
    )
    assert import_id("servicenow", "log.csv.gz") == UUID("2a7cae9a-c11a-5953-8ac9-914f8ef99ea4")
    assert creation(user_id("servicenow", "Resolver 89")).command_id == UUID(
        "7755f9db-d089-5d1d-9bf3-9a5f45201a42"
    )
    assert row.command_id == UUID("63cf131a-2fe9-5f21-8816-180e21a59848")


def test_each_system_has_ids_of_its_own() -> None:
    assert ticket_id("servicenow", "1") != ticket_id("volvo", "1")


def test_a_groups_name_is_the_same_in_upper_and_lower_case() -> None:
    assert group_id("servicenow", "GROUP 70") == group_id("servicenow", "Group 70")


def test_a_row_is_the_same_wherever_it_stands() -> None:
    here, there = record(2, "INC0000047", "New", "?"), record(9, "INC0000047", "New", "?")

    assert ids().next(here) == ids().next(there)


def test_a_final_value_that_has_changed_makes_no_other_row() -> None:
    before, later = record(2, "INC0000047", "New", "?"), record(2, "INC0000047", "New", "6/3/2016")

    assert ids().next(before) == ids().next(later)


def test_another_value_makes_another_row() -> None:
    new, active = record(2, "INC0000047", "New", "?"), record(2, "INC0000047", "Active", "?")

    assert ids().next(new) != ids().next(active)


def test_the_same_row_twice_is_two_rows() -> None:
    case = ids()
    same = record(2, "INC0000047", "New", "?")

    assert case.next(same).command_id != case.next(same).command_id
