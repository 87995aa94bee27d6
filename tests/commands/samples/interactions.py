"""One sample of every command about interactions."""

from commands.customers.interactions import (
    ArchiveInteraction,
    CorrectInteraction,
    RecordInteraction,
    RestoreInteraction,
)
from domain.customers.interactions import Interaction, InteractionKind
from tests.commands.samples.sample import Sample
from tests.given import (
    CUSTOMER,
    INTERACTION,
    T0,
    customer_registered,
    interaction_archived,
    interaction_recorded,
)

SAMPLES = (
    Sample(
        Interaction,
        (customer_registered,),
        RecordInteraction(
            customer_id=CUSTOMER,
            kind=InteractionKind.CALL,
            happened_at=T0,
            subject="Renewal of the contract",
            minutes=15,
        ),
        ("interaction.recorded",),
    ),
    Sample(
        Interaction,
        (interaction_recorded,),
        CorrectInteraction(interaction_id=INTERACTION, minutes=None, text="They want two lines."),
        ("interaction.corrected",),
    ),
    Sample(
        Interaction,
        (interaction_recorded,),
        ArchiveInteraction(interaction_id=INTERACTION),
        ("interaction.archived",),
    ),
    Sample(
        Interaction,
        (interaction_recorded, interaction_archived),
        RestoreInteraction(interaction_id=INTERACTION),
        ("interaction.restored",),
    ),
)
