"""How events are described to people and programs: the shape of `psa events list --json`.

Since when a version exists is not in the code: `version` counts the shapes that an event has had,
and `release` says which program a catalogue was made with. A payload is described with its personal
fields in it, as it was written and as people see it: the log holds these encrypted.
"""

from enum import StrEnum
from typing import Any

import msgspec

from eventstore.contract.schemas import Schema


class Presence(StrEnum):
    """Whether a payload holds a field."""

    REQUIRED = "required"
    """Always."""
    OPTIONAL = "optional"
    """Older payloads may lack it: the default counts then."""
    KEPT = "kept"
    """Only where the event changes it; what is missing stays as it was."""


class Effect(StrEnum):
    """What an event does to its record."""

    BEGINS = "begins"
    """It is the first one."""
    SETS = "sets"
    """The attributes called like its fields have these values now."""
    HAPPENS = "happens"
    """What its sentence says."""


class Keeping(StrEnum):
    """How long a field is kept that tells of a person."""

    ERASABLE = "erasable"
    """Until the person asks to be forgotten (GDPR article 17)."""
    BOOKS = "books"
    """It stands in invoices and vouchers, which the law keeps for eight years after the end of the
    year (AO § 147 (3), HGB § 257 (4)): until then, even if the person asks."""


class FieldDescription(msgspec.Struct, frozen=True, omit_defaults=True):
    """One field of a payload, or of a value in it."""

    name: str
    presence: Presence
    type: str
    """In words; `schema` of the event says it to programs."""
    nullable: bool = False
    meaning: str = ""
    personal: Keeping | None = None
    """How long it is kept if it tells of a person; None where it tells of nobody."""
    limits: tuple[str, ...] = ()
    """Asked when the event is recorded; what was recorded before a rule came may not keep it."""
    record: str | None = None
    """The kind of record that an id names, where the type tells."""
    default: Any = None
    """What counts where an optional field is missing."""
    fields: tuple["FieldDescription", ...] = ()
    """The fields of a value, which is always stored whole."""


class EventDescription(msgspec.Struct, frozen=True):
    """One kind of event: everything that the log holds under one topic."""

    topic: str
    version: int
    reads: tuple[int, ...]
    """The versions that are understood: older ones are raised to this one as they are read."""
    record: str
    """The kind of record that it happens to."""
    effect: Effect
    meaning: str
    fields: tuple[FieldDescription, ...]
    schema: Schema
    """Of a payload of this version (JSON Schema 2020-12)."""
    example: dict[str, Any]
    """Made up."""


class Catalogue(msgspec.Struct, frozen=True):
    """All events that a release knows, ordered by topic."""

    release: str
    events: tuple[EventDescription, ...]
