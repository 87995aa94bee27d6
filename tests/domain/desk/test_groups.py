"""Assignment groups: formed, changed, archived and restored."""

import pytest

from domain.desk.groups import Group, GroupArchived
from domain.rules import TextMissing, TextTooLong
from tests.given import (
    GROUP,
    T0,
    T1,
    given,
    group_archived,
    group_described,
    group_formed,
    group_renamed,
    group_restored,
    recorded,
)


def test_a_group_is_formed() -> None:
    group = Group.begin(
        GROUP, Group.Formed, T0, name=" First level ", description="Takes every call first.\n"
    )

    assert recorded(group) == [group_formed]
    assert not group.archived


def test_a_group_needs_no_description() -> None:
    group = Group.begin(GROUP, Group.Formed, T0, name="First level", description="")

    assert recorded(group) == [group_formed(description="")]


def test_a_group_has_a_name() -> None:
    with pytest.raises(TextMissing):
        Group.begin(GROUP, Group.Formed, T0, name=" ", description="")


@pytest.mark.parametrize(("name", "description"), [("x" * 201, ""), ("x", "x" * 2001)])
def test_a_group_is_not_described_without_end(name: str, description: str) -> None:
    with pytest.raises(TextTooLong):
        Group.begin(GROUP, Group.Formed, T0, name=name, description=description)


def test_a_group_is_renamed() -> None:
    group = given(Group, group_formed)

    group.change(Group.Renamed, T1, name=" Service desk ")

    assert recorded(group) == [group_renamed(timestamp=T1)]
    assert group.name == "Service desk"


def test_the_same_name_again_is_ignored() -> None:
    group = given(Group, group_formed, group_renamed)

    group.change(Group.Renamed, T1, name="Service desk")

    assert recorded(group) == []


def test_a_group_keeps_a_name() -> None:
    group = given(Group, group_formed)

    with pytest.raises(TextMissing):
        group.change(Group.Renamed, T1, name=" ")

    assert recorded(group) == []


def test_a_group_is_described() -> None:
    group = given(Group, group_formed)

    group.change(Group.Described, T1, description="Monday to Friday. ")

    assert recorded(group) == [group_described(timestamp=T1)]
    assert group.description == "Monday to Friday."


def test_the_same_description_again_is_ignored() -> None:
    group = given(Group, group_formed, group_described)

    group.change(Group.Described, T1, description=" Monday to Friday.")

    assert recorded(group) == []


def test_a_description_is_not_endless() -> None:
    group = given(Group, group_formed)

    with pytest.raises(TextTooLong):
        group.change(Group.Described, T1, description="x" * 2001)

    assert recorded(group) == []


def test_a_group_is_archived() -> None:
    group = given(Group, group_formed)

    group.archive(at=T1)

    assert recorded(group) == [group_archived(timestamp=T1)]
    assert group.archived


def test_an_archived_group_can_not_be_archived_again() -> None:
    group = given(Group, group_formed, group_archived)

    with pytest.raises(GroupArchived):
        group.archive(at=T1)

    assert recorded(group) == []


def test_an_archived_group_is_restored() -> None:
    group = given(Group, group_formed, group_archived)

    group.restore(at=T1)

    assert recorded(group) == [group_restored(timestamp=T1)]
    assert not group.archived


def test_restoring_an_active_group_is_ignored() -> None:
    group = given(Group, group_formed, group_archived, group_restored)

    group.restore(at=T1)

    assert recorded(group) == []


def test_an_archived_group_takes_no_tickets() -> None:
    group = given(Group, group_formed, group_archived)

    with pytest.raises(GroupArchived):
        group.require_active()


def test_a_restored_group_takes_tickets() -> None:
    group = given(Group, group_formed, group_archived, group_restored)

    group.require_active()

    assert recorded(group) == []
