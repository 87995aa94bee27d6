"""Facts of reserved names: one of every event."""

from domain.reservations import Reservation
from tests.given.facts import Fact
from tests.given.ids import OTHER_USER, USER

claimed = Fact(Reservation.Claimed, {"scope": "email", "key": "ada@acme.example", "holder": USER})
reclaimed = Fact(Reservation.Reclaimed, {"holder": OTHER_USER})
released = Fact(Reservation.Released)
