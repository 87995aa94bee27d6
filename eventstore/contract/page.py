"""The catalogue as a page of Markdown: docs/events.md."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

import msgspec

from domain.base import AggregateRoot
from eventstore.contract.catalogue import (
    Effect,
    EventDescription,
    FieldDescription,
    Keeping,
    Presence,
)
from eventstore.contract.describe import TIMESTAMP
from eventstore.contract.meanings import sentence_of

SHOWN: Final = "ticket.opened"
"""The event whose example the introduction shows."""

EFFECTS: Final = {
    Effect.BEGINS: "Begins its record",
    Effect.SETS: "Sets what it names",
    Effect.HAPPENS: "",
}

_INTRODUCTION: Final = """\
<!-- Made from the event classes by `./just events`; a change by hand gets lost. -->

# Events

For whoever reads the log or the stream by event type, whoever checks an export, and whoever changes
an event. `psa events list` and `psa events show {shown}` say the same of the release that is
installed, with `--json` for a program: there each event comes with the JSON Schema of its payload.

An event is a fact: something that happened to one record, said in the business's words, written
once and never changed. Its topic (`{shown}`) is its type for ever, whatever happens to the code.
Its payload is a JSON object like this one:

```json
{example}
```

What is true of every event stands beside the payload: its place in the whole log (`position`: 1, 2,
3 … without gaps), its record (`stream_id`) and its place there (`version`), `event_id`, `topic`,
`class_version`, `recorded_at`, and as `metadata` who did it (`actor`), by which command, and what
led to it. In the payload, every event has `timestamp`: when it happened, in the business's own
time, which may be long before it was recorded.

## How to read

- **The log** is the truth. In PostgreSQL: `select * from es.events where position > $1 order by
  position limit 1000`, and keep the last position that you are done with. `state` is the payload;
  `es.journal` shows payload and metadata as text.
- **The stream** is a copy for speed: JetStream subject `psa.log`. A message is a msgpack array of
  consecutive events, and each of them an array of position, stream_id, version, event_id, topic,
  class_version, state, metadata and recorded_at ([decision 3](adr/0003-chunks-on-the-stream.md)).
  A message may come twice or be missing: drop what you know by its position, and read what is
  missing from the log.
- **What tells of people** is encrypted in both, under a key of the person. In a stored payload, the
  personal fields are not where this page and the schemas show them, but in the member `personal`: a
  list of parts, each with the names of its `fields` and their `cipher`. Empty ones may stand as
  they are, and so do all in an event that is older than the encryption. What is shown to people has
  all fields in their places; where the key was destroyed, a text is `[erased]`, a list is empty,
  and what may be null is null.
- **One record**: `GET /api/v1/tickets/{{id}}/timeline`, or `psa audit show ticket T-000001`.

## What you may rely on

- A topic is never taken away, and the meaning of a field never changes.
- **Fields may be added: ignore those that you do not know.** Topics may be added, and so may words
  where one of several is named; the `enum` of a schema has the words of its release.
- *optional*: older payloads lack the field, and its default counts. *kept*: the field is only there
  where the event changes it; what is missing stays as it was. All others are always there.
- A field that is taken away or gets another type raises the event's version. Payloads stay as they
  were stored; `class_version` says which shape one has, and this page describes the newest.
- Limits are asked when an event is recorded. What was recorded before a limit came may exceed it.
- A version says how often the shape of an event has changed, not since when: there is no release
  yet. From the first one on, `CHANGELOG.md` names the versions that a release brings.
- *personal*: the field tells of a person: of the one whom the record is about or, where one contact
  is named in a ticket or an interaction, of that contact. It is erased when the person asks; what
  says *books* stands in invoices and vouchers, and is kept until eight years after the end of the
  year.

Whoever changes an event asks first: `psa events list --json > before.json`, and after the change
`psa events lint --against before.json --golden tests/golden/events`. For each change that would
break somebody, a line names the way out.
"""


class Row(NamedTuple):
    """What there is to say of one field, in words; empty where there is nothing."""

    field: str
    holds: str
    there: str
    personal: str
    limits: str
    meaning: str


def page(aggregates: Sequence[type[AggregateRoot]], events: Iterable[EventDescription]) -> str:
    """Return the whole page; the events are those of the aggregates, ordered by topic."""
    listed = tuple(events)
    shown = next(event for event in listed if event.topic == SHOWN)
    example = msgspec.json.format(msgspec.json.encode(shown.example)).decode()
    sentences = {aggregate.TOPIC: sentence_of(aggregate) for aggregate in aggregates}
    parts = [_INTRODUCTION.format(shown=SHOWN, example=example)]
    for record, of_record in groupby(listed, lambda event: event.record):
        parts.append(f"## {record}\n\n{sentences[record]}\n")
        parts += map(section, of_record)
    return "\n".join(parts)


def section(event: EventDescription) -> str:
    """Return what there is to say of one event."""
    effect = f" {EFFECTS[event.effect]}." if EFFECTS[event.effect] else ""
    head = f"### {event.topic}\n\n{event.meaning} Version {event.version}.{effect}\n"
    rows = [row for row in rows_of(event.fields) if row.field != TIMESTAMP]
    return f"{head}\n{_table(rows)}" if rows else head


def _table(rows: Sequence[Row]) -> str:
    """Return the rows below the names of their columns, without columns that are empty."""
    told = [place for place, column in enumerate(zip(*rows, strict=True)) if any(column)]
    marked = [row._replace(field=f"`{row.field}`") for row in rows]
    lines = [Row._fields, ["---"] * len(Row._fields), *marked]
    cells = [[line[place].replace("|", "\\|") for place in told] for line in lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


def rows_of(fields: Iterable[FieldDescription], within: str = "") -> Iterator[Row]:
    """Yield a row for each field, and for those of the value in it: `emails[].label`."""
    for field in fields:
        place = f"{within}{field.name}"
        limits = "; ".join(field.limits)
        yield Row(place, _type(field), _presence(field), _personal(field), limits, field.meaning)
        many = "[]" if field.type.startswith("list") else ""
        yield from rows_of(field.fields, f"{place}{many}.")


def _type(field: FieldDescription) -> str:
    record = f" of {field.record.replace('_', ' ')}" if field.record else ""
    return f"{field.type}{record}{' or null' if field.nullable else ''}"


def _personal(field: FieldDescription) -> str:
    match field.personal:
        case Keeping.ERASABLE:
            return "yes"
        case Keeping.BOOKS:
            return "books"
        case _:
            return ""


def _presence(field: FieldDescription) -> str:
    match field.presence:
        case Presence.OPTIONAL:
            return f"optional, else `{msgspec.json.encode(field.default).decode()}`"
        case Presence.KEPT:
            return "kept"
        case _:
            return ""
