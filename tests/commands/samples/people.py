"""One sample of every command about people."""

from commands.people.users import ChangeUser, DeactivateUser, ReactivateUser, RegisterUser
from domain.actors import Role
from domain.people.users import User
from tests.commands.samples.sample import Sample
from tests.given import (
    CUSTOMER,
    USER,
    customer_registered,
    deactivated,
    user_registered,
)

SAMPLES = (
    Sample(
        User,
        (customer_registered,),
        RegisterUser(
            name="Ada", email="ada@acme.example", role=Role.CUSTOMER, customer_id=CUSTOMER
        ),
        ("user.registered", "reservation.claimed"),
    ),
    Sample(
        User,
        (customer_registered, user_registered),
        ChangeUser(user_id=USER, name="Ada Li", email="li@acme.example", role=Role.ADMIN),
        ("user.renamed", "user.email_changed", "user.role_changed", "reservation.claimed"),
    ),
    Sample(User, (user_registered,), DeactivateUser(user_id=USER), ("user.deactivated",)),
    Sample(
        User, (user_registered, deactivated), ReactivateUser(user_id=USER), ("user.reactivated",)
    ),
)
