"""Facts of interactions with customers: one of every event."""

from datetime import timedelta

from domain.customers.interactions import (
    Direction,
    Interaction,
    InteractionId,
    InteractionKind,
)
from tests.given.facts import Fact
from tests.given.ids import CONTACT, CUSTOMER, OTHER_CONTACT, T0, stream_of

INTERACTION = InteractionId(stream_of(Interaction.TOPIC))

interaction_recorded = Fact(
    Interaction.Recorded,
    {
        "customer_id": CUSTOMER,
        "kind": InteractionKind.CALL,
        "direction": Direction.INBOUND,
        "happened_at": T0 - timedelta(minutes=20),
        "minutes": 15,
        "subject": "Renewal of the contract",
        "text": "They want a second line.",
        "contact_ids": (CONTACT,),
    },
)
interaction_corrected = Fact(
    Interaction.Corrected,
    {
        "kind": InteractionKind.MEETING,
        "direction": Direction.OUTBOUND,
        "happened_at": T0 - timedelta(minutes=30),
        "minutes": 25,
        "subject": "Renewal and a second line",
        "text": "They want two lines.",
        "contact_ids": (CONTACT, OTHER_CONTACT),
    },
)
interaction_archived = Fact(Interaction.Archived)
interaction_restored = Fact(Interaction.Restored)
