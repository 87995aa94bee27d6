"""Users: registered, changed, deactivated and reactivated; roles and what bounds them."""

import pytest

from domain.actors import ADMINS, EVERYONE, PARTIES, READERS, STAFF, Actor, Role, RoleForbidden
from domain.people.users import CustomerRequired, StaffRequired, User, UserDeactivated
from domain.rules import EmailInvalid
from domain.values import CustomerId
from tests.given import (
    CUSTOMER,
    OTHER_CUSTOMER,
    T0,
    T1,
    USER,
    deactivated,
    given,
    reactivated,
    recorded,
    role_changed,
    user_registered,
)

NOT_CUSTOMERS = sorted(set(Role) - {Role.CUSTOMER})


def test_a_user_is_registered() -> None:
    user = User.register(
        USER,
        name=" Ada Zürn ",
        email="Ada@ACME.example",
        role=Role.CUSTOMER,
        customer_id=CUSTOMER,
        at=T0,
    )

    assert recorded(user) == [user_registered]
    assert user.active


@pytest.mark.parametrize("email", ["", " ", "\t\n"])
def test_a_user_may_be_known_by_name_only(email: str) -> None:
    user = User.register(
        USER, name="Ada Zürn", email=email, role=Role.CUSTOMER, customer_id=CUSTOMER, at=T0
    )

    assert recorded(user) == [user_registered(email="")]


def test_a_user_is_not_registered_with_a_wrong_email_address() -> None:
    with pytest.raises(EmailInvalid):
        User.register(USER, name="Ada", email="ada", role=Role.TECHNICIAN, customer_id=None, at=T0)


def test_a_portal_user_belongs_to_a_customer() -> None:
    with pytest.raises(CustomerRequired):
        User.register(USER, name="Ada", email="", role=Role.CUSTOMER, customer_id=None, at=T0)


@pytest.mark.parametrize("role", NOT_CUSTOMERS)
def test_only_portal_users_belong_to_a_customer(role: Role) -> None:
    user = User.register(USER, name="Ada Zürn", email="", role=role, customer_id=CUSTOMER, at=T0)

    assert recorded(user) == [user_registered(email="", role=role, customer_id=None)]


def test_a_wrong_email_address_is_refused() -> None:
    user = given(User, user_registered)

    with pytest.raises(EmailInvalid):
        user.change(User.EmailChanged, T1, email="ada@acme")

    assert recorded(user) == []


def test_the_role_of_a_user_changes() -> None:
    user = given(User, user_registered)

    user.change_role(Role.TECHNICIAN, None, at=T1)

    assert recorded(user) == [role_changed(role=Role.TECHNICIAN, customer_id=None, timestamp=T1)]
    assert (user.role, user.customer_id) == (Role.TECHNICIAN, None)


def test_a_portal_user_changes_to_another_customer() -> None:
    user = given(User, user_registered)

    user.change_role(Role.CUSTOMER, OTHER_CUSTOMER, at=T1)

    assert recorded(user) == [role_changed(timestamp=T1)]
    assert user.customer_id == OTHER_CUSTOMER


def test_who_leaves_the_portal_is_not_bounded_by_a_customer_any_more() -> None:
    user = given(User, user_registered)

    user.change_role(Role.AUDITOR, CUSTOMER, at=T1)

    assert user.customer_id is None


def test_the_same_role_again_is_ignored() -> None:
    user = given(User, user_registered)

    user.change_role(Role.CUSTOMER, CUSTOMER, at=T1)

    assert recorded(user) == []


def test_who_comes_to_the_portal_needs_a_customer() -> None:
    user = given(User, user_registered(role=Role.TECHNICIAN, customer_id=None))

    with pytest.raises(CustomerRequired):
        user.change_role(Role.CUSTOMER, None, at=T1)

    assert recorded(user) == []


def test_a_user_is_deactivated() -> None:
    user = given(User, user_registered)

    user.deactivate(at=T1)

    assert recorded(user) == [deactivated(timestamp=T1)]
    assert not user.active


def test_a_deactivated_user_can_not_be_deactivated_again() -> None:
    user = given(User, user_registered, deactivated)

    with pytest.raises(UserDeactivated):
        user.deactivate(at=T1)

    assert recorded(user) == []


def test_a_deactivated_user_is_reactivated() -> None:
    user = given(User, user_registered, deactivated)

    user.reactivate(at=T1)

    assert recorded(user) == [reactivated(timestamp=T1)]
    assert user.active


def test_reactivating_an_active_user_is_ignored() -> None:
    user = given(User, user_registered, deactivated, reactivated)

    user.reactivate(at=T1)

    assert recorded(user) == []


def test_a_deactivated_user_may_not_act() -> None:
    user = given(User, user_registered, deactivated)

    with pytest.raises(UserDeactivated):
        user.require_active()


def test_a_reactivated_user_may_act() -> None:
    user = given(User, user_registered, deactivated, reactivated)

    user.require_active()

    assert recorded(user) == []


def test_portal_users_and_auditors_do_not_work_on_tickets() -> None:
    assert set(Role) - STAFF == {Role.CUSTOMER, Role.AUDITOR}


def test_only_administrators_and_integrations_set_the_platform_up() -> None:
    assert {Role.ADMIN, Role.INTEGRATION} == ADMINS


def test_only_portal_users_are_bounded_by_their_customer() -> None:
    assert {Role.CUSTOMER} == EVERYONE - READERS


def test_a_role_that_does_not_suffice_is_told_which_would() -> None:
    refusal = RoleForbidden(role="customer", needed="admin, technician")

    assert str(refusal) == (
        "The role `customer` may not do this; it takes one of: admin, technician."
    )


def test_an_auditor_takes_no_part_in_a_ticket() -> None:
    assert {Role.AUDITOR} == EVERYONE - PARTIES


@pytest.mark.parametrize("role", sorted(STAFF))
def test_who_has_one_of_the_needed_roles_may_act(role: Role) -> None:
    Actor("ada", "Ada", role).require(STAFF)


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.AUDITOR])
def test_who_has_another_role_may_not_act(role: Role) -> None:
    with pytest.raises(RoleForbidden) as refusal:
        Actor("ada", "Ada", role).require(STAFF)

    assert refusal.value.facts == {"role": role.value, "needed": "admin, integration, technician"}


@pytest.mark.parametrize("customer_id", [None, CUSTOMER, OTHER_CUSTOMER])
@pytest.mark.parametrize("role", NOT_CUSTOMERS)
def test_who_belongs_to_the_provider_sees_every_customer(
    role: Role, customer_id: CustomerId | None
) -> None:
    assert Actor("tess", "Tess", role).may_see(customer_id)


def test_a_portal_user_sees_their_own_customer() -> None:
    assert Actor("ada", "Ada", Role.CUSTOMER, CUSTOMER).may_see(CUSTOMER)


@pytest.mark.parametrize("customer_id", [None, OTHER_CUSTOMER])
def test_a_portal_user_sees_nothing_else(customer_id: CustomerId | None) -> None:
    assert not Actor("ada", "Ada", Role.CUSTOMER, CUSTOMER).may_see(customer_id)


@pytest.mark.parametrize("customer_id", [None, CUSTOMER])
def test_a_portal_user_without_a_customer_sees_nothing(customer_id: CustomerId | None) -> None:
    assert not Actor("ada", "Ada", Role.CUSTOMER).may_see(customer_id)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.TECHNICIAN, Role.INTEGRATION])
def test_who_works_on_tickets_is_of_the_staff(role: Role) -> None:
    user = given(User, user_registered(role=role, customer_id=None))

    user.require_staff("assignee_id")


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.AUDITOR])
def test_who_only_asks_or_reads_is_not_of_the_staff(role: Role) -> None:
    user = given(User, user_registered(role=role))

    with pytest.raises(StaffRequired, match="`assignee_id`"):
        user.require_staff("assignee_id")
