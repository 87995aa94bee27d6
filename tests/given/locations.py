"""Facts of locations: one of every event."""

from domain.customers.coordinates import Coordinates
from domain.customers.locations import Location
from domain.values import Address
from tests.given.facts import Fact
from tests.given.ids import CUSTOMER

location_registered = Fact(
    Location.Registered,
    {
        "customer_id": CUSTOMER,
        "name": "Head office",
        "address": Address("Hauptstraße 1", "10115", "Berlin", "DE"),
        "opening_hours": "Mon-Fri 8-17",
        "access_notes": "The porter has the key.",
        "coordinates": Coordinates(52.5321, 13.3849),
    },
)
location_changed = Fact(
    Location.Changed,
    {
        "name": "Head office and stores",
        "opening_hours": "Mon-Sat 8-17",
        "access_notes": "Ring at the gate.",
    },
)
location_moved = Fact(
    Location.Moved, {"address": Address("Bahnhofstrasse 2", "8001", "Zürich", "CH")}
)
location_located = Fact(Location.Located, {"coordinates": Coordinates(47.3769, 8.5417)})
location_archived = Fact(Location.Archived)
location_restored = Fact(Location.Restored)
location_customized = Fact(Location.Customized, {"values": {"alarm_zone": "4", "lift": True}})
