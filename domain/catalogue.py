"""Every aggregate there is: importing this module makes all event topics known."""

from domain.base import AggregateRoot
from domain.customers import Customer
from domain.groups import Group
from domain.reservations import Reservation
from domain.tickets import Ticket
from domain.users import User

AGGREGATES: tuple[type[AggregateRoot], ...] = (Customer, Group, Reservation, Ticket, User)
