"""One case of every command: what was before, the command, and what it leads to."""

from tests.commands.samples import (
    contacts,
    custom_fields,
    customers,
    desk,
    erasures,
    interactions,
    locations,
    people,
)
from tests.commands.samples.sample import FIRST, Sample

SAMPLES: tuple[Sample, ...] = (
    *customers.SAMPLES,
    *interactions.SAMPLES,
    *locations.SAMPLES,
    *contacts.SAMPLES,
    *custom_fields.SAMPLES,
    *people.SAMPLES,
    *erasures.SAMPLES,
    *desk.SAMPLES,
)
"""One sample of every line of the command table."""

TARGETS = {kind: fact.event().originator_id for kind, fact in FIRST.items()}
"""The records of `tests.given` that the samples are about."""

__all__ = ["FIRST", "SAMPLES", "TARGETS", "Sample"]
