"""Users: who works with the platform, and in which role. Signing in comes with identity."""

from datetime import datetime
from typing import Self
from uuid import UUID

from eventsourcing.domain import event

from domain.actors import Role
from domain.base import AggregateRoot, Created, Event
from domain.errors import Conflict, Invalid, NotFound
from domain.rules import optional_email, require_email, require_text
from domain.values import CustomerId, UserId


class UserNotFound(NotFound):
    """There is no user {id}."""


class UserDeactivated(Conflict):
    """The user {id} is deactivated."""


class CustomerRequired(Invalid):
    """A user with the role `customer` needs a `customer_id`: it bounds what they may see."""

    field = "customer_id"


class User(AggregateRoot):
    """A person or program that acts on the platform."""

    TOPIC = "user"
    MISSING = UserNotFound

    class Registered(Created):
        """The user was added."""

        TOPIC = "user.registered"
        name: str
        email: str
        role: Role
        customer_id: CustomerId | None

    class Renamed(Event):
        """The user has another name."""

        TOPIC = "user.renamed"
        name: str

    class EmailChanged(Event):
        """The user has another e-mail address."""

        TOPIC = "user.email_changed"
        email: str

    class RoleChanged(Event):
        """The user may do other things than before."""

        TOPIC = "user.role_changed"
        role: Role
        customer_id: CustomerId | None

    class Deactivated(Event):
        """The user is out of use: nothing is given to them any more."""

        TOPIC = "user.deactivated"

    class Reactivated(Event):
        """The user may act again."""

        TOPIC = "user.reactivated"

    @event(Registered)
    def __init__(
        self, *, name: str, email: str, role: Role, customer_id: CustomerId | None
    ) -> None:
        self.name = name
        self.email = email
        self.role = role
        self.customer_id = customer_id
        self.active = True

    @classmethod
    def register(
        cls,
        id: UserId,
        *,
        name: str,
        email: str,
        role: Role,
        customer_id: CustomerId | None,
        at: datetime,
    ) -> Self:
        """Add a user; `email` may be empty for somebody known by name only."""
        return cls._create(
            cls.Registered,
            id=id,
            name=require_text("name", name, limit=200),
            email=optional_email("email", email),
            role=role,
            customer_id=_bounded(role, customer_id),
            timestamp=at,
        )

    def rename(self, name: str, *, at: datetime) -> None:
        """Give the user another name."""
        name = require_text("name", name, limit=200)
        if name != self.name:
            self._renamed(name=name, timestamp=at)

    def change_email(self, email: str, *, at: datetime) -> None:
        """Give the user another e-mail address."""
        email = require_email("email", email)
        if email != self.email:
            self._email_changed(email=email, timestamp=at)

    def change_role(self, role: Role, customer_id: CustomerId | None, *, at: datetime) -> None:
        """Let the user do other things; raises `CustomerRequired`."""
        customer_id = _bounded(role, customer_id)
        if (role, customer_id) != (self.role, self.customer_id):
            self._role_changed(role=role, customer_id=customer_id, timestamp=at)

    def deactivate(self, *, at: datetime) -> None:
        """Take the user out of use; raises `UserDeactivated` the second time."""
        self.require_active()
        self._deactivated(timestamp=at)

    def reactivate(self, *, at: datetime) -> None:
        """Let a deactivated user act again."""
        if not self.active:
            self._reactivated(timestamp=at)

    def require_active(self) -> None:
        """Raise `UserDeactivated` unless the user may act."""
        if not self.active:
            raise UserDeactivated(id=self.id)

    @event(Renamed)
    def _renamed(self, *, name: str, timestamp: datetime) -> None:
        self.name = name

    @event(EmailChanged)
    def _email_changed(self, *, email: str, timestamp: datetime) -> None:
        self.email = email

    @event(RoleChanged)
    def _role_changed(
        self, *, role: Role, customer_id: CustomerId | None, timestamp: datetime
    ) -> None:
        self.role = role
        self.customer_id = customer_id

    @event(Deactivated)
    def _deactivated(self, *, timestamp: datetime) -> None:
        self.active = False

    @event(Reactivated)
    def _reactivated(self, *, timestamp: datetime) -> None:
        self.active = True


def _bounded(role: Role, customer_id: UUID | None) -> CustomerId | None:
    if role is not Role.CUSTOMER:
        return None
    if customer_id is None:
        raise CustomerRequired
    return CustomerId(customer_id)
