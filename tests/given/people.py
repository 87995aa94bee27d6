"""Facts of those who act on the platform: one of every event."""

from domain.actors import Role
from domain.people.users import User
from tests.given.facts import Fact
from tests.given.ids import CUSTOMER, OTHER_CUSTOMER

user_registered = Fact(
    User.Registered,
    {
        "name": "Ada Zürn",
        "email": "ada@acme.example",
        "role": Role.CUSTOMER,
        "customer_id": CUSTOMER,
    },
)
user_renamed = Fact(User.Renamed, {"name": "Ada Li"})
email_changed = Fact(User.EmailChanged, {"email": "ada.li@acme.example"})
role_changed = Fact(User.RoleChanged, {"role": Role.CUSTOMER, "customer_id": OTHER_CUSTOMER})
deactivated = Fact(User.Deactivated)
reactivated = Fact(User.Reactivated)
