"""A group's row says what the aggregate says."""

import pytest

from domain.desk.groups import Group
from projections.desk.groups import VIEW, groups
from tests.given import (
    T0,
    T2,
    Fact,
    given,
    group_archived,
    group_described,
    group_formed,
    group_renamed,
    group_restored,
)
from tests.projections.given import row_of

HISTORIES = (
    (group_formed,),
    (group_formed, group_renamed),
    (group_formed, group_described),
    (group_formed, group_archived),
    (group_formed, group_archived, group_restored),
)


@pytest.mark.parametrize("facts", HISTORIES)
def test_the_row_says_what_the_group_says(facts: tuple[Fact, ...]) -> None:
    group = given(Group, *facts)

    row = row_of(VIEW, *facts)

    assert row == {
        "id": group.id,
        "name": group.name,
        "description": group.description,
        "status": "archived" if group.archived else "active",
        "created_at": T0,
        "updated_at": T0,
        "version": group.version,
        "position": len(facts),
    }
    assert row.keys() == set(groups.columns.keys())


def test_the_last_event_says_when_the_row_was_updated() -> None:
    row = row_of(VIEW, group_formed, group_renamed(timestamp=T2))

    assert (row["created_at"], row["updated_at"]) == (T0, T2)
