"""Every aggregate there is: importing this module makes all event topics known."""

from domain.base import AggregateRoot
from domain.customers.contacts import Contact
from domain.customers.custom_fields import CustomField
from domain.customers.customers import Customer
from domain.customers.interactions import Interaction
from domain.customers.locations import Location
from domain.desk.groups import Group
from domain.desk.tickets import Ticket
from domain.people.erasures import Erasure
from domain.people.users import User
from domain.reservations import Reservation

AGGREGATES: tuple[type[AggregateRoot], ...] = (
    Contact,
    CustomField,
    Customer,
    Erasure,
    Group,
    Interaction,
    Location,
    Reservation,
    Ticket,
    User,
)
