"""Records that belong to a customer, named by others of the same customer.

Merged customers count as one: what belongs to either of them belongs to both.
"""

from uuid import UUID

from commands.context import Context
from domain.customers.contacts import Contact
from domain.customers.customers import Customer
from domain.customers.locations import Location


async def contact_of(customer_id: UUID, contact_id: UUID, ctx: Context) -> Contact:
    """Return a contact of the customer that is in use.

    Raises `ContactNotFound`, `ContactElsewhere`, `ContactArchived` and `MergedAway`.
    """
    contact = await ctx.look(Contact, contact_id)
    contact.require_of(await same_as(customer_id, contact.customer_id, ctx))
    contact.require_active()
    return contact


async def location_of(customer_id: UUID, location_id: UUID, ctx: Context) -> Location:
    """Return a location of the customer that is in use.

    Raises `LocationNotFound`, `LocationElsewhere` and `LocationArchived`.
    """
    location = await ctx.look(Location, location_id)
    location.require_of(await same_as(customer_id, location.customer_id, ctx))
    location.require_active()
    return location


async def same_as(customer_id: UUID, other_id: UUID, ctx: Context) -> list[UUID]:
    """Return the customers that count as this one, where another one is in question."""
    if other_id == customer_id:
        return [customer_id]
    customer = await ctx.look(Customer, customer_id)
    if customer.merged_into is not None:
        customer = await ctx.look(Customer, customer.merged_into)
    return [customer.id, *customer.taken_in]
