"""A user's row says what the aggregate says."""

import pytest

from domain.actors import Role
from domain.people.users import User
from projections.people.users import VIEW, users
from tests.given import (
    T0,
    T2,
    Fact,
    deactivated,
    email_changed,
    given,
    reactivated,
    role_changed,
    user_registered,
    user_renamed,
)
from tests.projections.given import row_of

HISTORIES = (
    (user_registered,),
    (user_registered, user_renamed),
    (user_registered, email_changed),
    (user_registered, role_changed),
    (user_registered, role_changed(role=Role.ADMIN, customer_id=None)),
    (user_registered, deactivated),
    (user_registered, deactivated, reactivated),
)


@pytest.mark.parametrize("facts", HISTORIES)
def test_the_row_says_what_the_user_says(facts: tuple[Fact, ...]) -> None:
    user = given(User, *facts)

    row = row_of(VIEW, *facts)

    assert row == {
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "role": user.role.value,
        "customer_id": user.customer_id,
        "status": "active" if user.active else "deactivated",
        "created_at": T0,
        "updated_at": T0,
        "version": user.version,
        "position": len(facts),
    }
    assert row.keys() == set(users.columns.keys())


def test_the_last_event_says_when_the_row_was_updated() -> None:
    row = row_of(VIEW, user_registered, user_renamed(timestamp=T2))

    assert (row["created_at"], row["updated_at"]) == (T0, T2)
