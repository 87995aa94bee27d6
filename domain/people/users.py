"""Users: who works with the platform, and in which role. Signing in comes with identity."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from domain.actors import STAFF, Role
from domain.base import AggregateRoot, Change, Created, Event
from domain.errors import Conflict, Invalid, NotFound
from domain.personal import Personal
from domain.rules import Name, optional_email, require_email
from domain.values import CustomerId, UserId


class UserNotFound(NotFound):
    """There is no user {id}."""


class UserDeactivated(Conflict):
    """The user {id} is deactivated."""


class CustomerRequired(Invalid):
    """A user with the role `customer` needs a `customer_id`: it bounds what they may see."""

    field = "customer_id"


class StaffRequired(Invalid):
    """`{name}` takes somebody of the staff, which the user {id} is not."""


PersonName = Annotated[Name, Personal()]


class User(AggregateRoot):
    """A person or program that acts on the platform."""

    TOPIC = "user"
    MISSING = UserNotFound

    name: str
    email: str
    role: Role
    customer_id: CustomerId | None
    active: bool = True

    class Registered(Created):
        """The user was added; `email` is empty for somebody known by name only."""

        TOPIC = "user.registered"
        name: PersonName
        email: Annotated[str, optional_email, Personal()]
        role: Role
        customer_id: CustomerId | None

    class Renamed(Change):
        """The user has another name."""

        TOPIC = "user.renamed"
        name: PersonName

    class EmailChanged(Change):
        """The user has another e-mail address."""

        TOPIC = "user.email_changed"
        email: Annotated[str, require_email, Personal()]

    class RoleChanged(Change):
        """The user may do other things than before."""

        TOPIC = "user.role_changed"
        role: Role
        customer_id: CustomerId | None

    class Deactivated(Event):
        """The user is out of use: nothing is given to them any more."""

        TOPIC = "user.deactivated"

        def apply(self, user: Any) -> None:
            user.active = False

    class Reactivated(Event):
        """The user may act again."""

        TOPIC = "user.reactivated"

        def apply(self, user: Any) -> None:
            user.active = True

    @classmethod
    def register(
        cls,
        id: UserId,
        *,
        name: str,
        email: str,
        role: Role,
        customer_id: UUID | None,
        at: datetime,
    ) -> Self:
        """Add a user; raises `CustomerRequired`."""
        bound = _bounded(role, customer_id)
        return cls.begin(
            id, cls.Registered, at, name=name, email=email, role=role, customer_id=bound
        )

    def change_role(self, role: Role, customer_id: UUID | None, *, at: datetime) -> None:
        """Let the user do other things; raises `CustomerRequired`."""
        self.change(self.RoleChanged, at, role=role, customer_id=_bounded(role, customer_id))

    def deactivate(self, *, at: datetime) -> None:
        """Take the user out of use; raises `UserDeactivated` the second time."""
        self.require_active()
        self.record(self.Deactivated, at)

    def reactivate(self, *, at: datetime) -> None:
        """Let a deactivated user act again."""
        if not self.active:
            self.record(self.Reactivated, at)

    def require_active(self) -> None:
        """Raise `UserDeactivated` unless the user may act."""
        if not self.active:
            raise UserDeactivated(id=self.id)

    def require_staff(self, name: str) -> None:
        """Raise `StaffRequired` for the field of this name, unless the user is of the staff."""
        if self.role not in STAFF:
            raise StaffRequired(name=name, id=self.id)

    def names(self) -> Iterable[tuple[str, str]]:
        """Return the user's e-mail address, if there is one: no two users share it."""
        return [("user.email", self.email)] if self.email else []

    def customer(self) -> UUID | None:
        """Return the customer that bounds a portal user."""
        return self.customer_id


def _bounded(role: Role, customer_id: UUID | None) -> CustomerId | None:
    if role is not Role.CUSTOMER:
        return None
    if customer_id is None:
        raise CustomerRequired
    return CustomerId(customer_id)
