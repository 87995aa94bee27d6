"""Who acts, and what they may: roles, and the boundary of what a customer's people see."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from domain.errors import Forbidden
from domain.values import CustomerId


class RoleForbidden(Forbidden):
    """The role `{role}` may not do this; it takes one of: {needed}."""


class Role(StrEnum):
    """What a person or a program may do."""

    ADMIN = "admin"
    TECHNICIAN = "technician"
    CUSTOMER = "customer"
    AUDITOR = "auditor"
    INTEGRATION = "integration"


STAFF = frozenset({Role.ADMIN, Role.TECHNICIAN, Role.INTEGRATION})
"""Those who work on tickets, and keep customers' records: their master data and custom values,
locations, contacts and interactions."""
ADMINS = frozenset({Role.ADMIN, Role.INTEGRATION})
"""Those who set the platform up (users, groups, custom fields), say who is a customer (take in, put
on hold, archive, merge), and delete tickets."""
PARTIES = STAFF | {Role.CUSTOMER}
"""Both sides of a ticket, who open it, comment on it and reopen it: staff, and those who asked."""
READERS = STAFF | {Role.AUDITOR}
"""Those who may see every customer, and what only the provider's people see: users, groups,
interactions, custom fields, duplicates, and what is deleted."""
PRIVACY = frozenset({Role.ADMIN})
"""Those who find all that is told of a person, hand it out, and have it erased: people only."""
OVERSEERS = PRIVACY | {Role.AUDITOR}
"""Those who may see what was erased, and why."""
EVERYONE = frozenset(Role)
"""All who have a token; a customer sees only what belongs to them."""


@dataclass(frozen=True)
class Actor:
    """Who acts, as their token says."""

    id: str
    name: str
    role: Role
    customer_id: CustomerId | None = None
    """The boundary of what a portal user may see and do."""

    @property
    def is_staff(self) -> bool:
        """Tell whether the actor belongs to the provider, not to a customer."""
        return self.role is not Role.CUSTOMER

    def require(self, may: Collection[Role]) -> None:
        """Raise `RoleForbidden` unless the actor's role is among those that may."""
        if self.role not in may:
            needed = ", ".join(sorted(role.value for role in may))
            raise RoleForbidden(role=self.role.value, needed=needed)

    def may_see(self, customer_id: UUID | None) -> bool:
        """Tell whether something of this customer is within the actor's bounds."""
        if self.is_staff:
            return True
        # Who should have a bound and has none sees nothing, also not what belongs to nobody.
        return self.customer_id is not None and customer_id == self.customer_id
