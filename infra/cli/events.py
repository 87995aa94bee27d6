"""What the log may hold: the events by their topics, and whether a change breaks who reads them."""

import sys
from collections.abc import Iterable
from difflib import get_close_matches
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from domain.catalogue import AGGREGATES
from domain.errors import Invalid, NotFound
from eventstore.contract.catalogue import Catalogue, EventDescription
from eventstore.contract.describe import TIMESTAMP, describe_all
from eventstore.contract.lint import Finding, compare, lint_payloads
from eventstore.contract.page import EFFECTS, Row, page, rows_of
from infra.cli.output import Json, console, print_json, print_table

app = typer.Typer(
    help="The events that the log may hold: list them, show one, lint a change.",
    no_args_is_help=True,
)


class EventUnknown(NotFound):
    """There is no event {topic!r}; {hint}."""


class RecordUnknown(NotFound):
    """There are no events of a record {kind!r}; {hint}."""


class CatalogueInvalid(Invalid):
    """{file} is no catalogue ({reason}); `psa events list --json` writes one."""


class PayloadsMissing(NotFound):
    """{folder} holds no payloads; tests/golden/events of a checkout does."""


Topic = Annotated[str, typer.Argument(help="The topic of an event, e.g. ticket.opened.")]
Aggregate = Annotated[
    str | None, typer.Option(help="Only events of this kind of record, e.g. ticket.")
]
Markdown = Annotated[
    bool, typer.Option("--markdown", help="Answer as a page of all events: docs/events.md.")
]
Golden = Annotated[
    Path | None,
    typer.Option(
        exists=True, file_okay=False, help="A folder of stored payloads: <topic>.v<version>.json."
    ),
]
Against = Annotated[
    Path | None,
    typer.Option(
        exists=True, dir_okay=False, help="A catalogue made earlier: psa events list --json."
    ),
]

NEAR: Final = 3
"""How many names are proposed for one that is unknown."""


@app.command("list")
def list_events(
    *, aggregate: Aggregate = None, markdown: Markdown = False, as_json: Json = False
) -> None:
    """List the events: topic, version, what happened, and the fields of the payload.

    Example: psa events list --aggregate ticket
    """
    if markdown and (as_json or aggregate):
        raise typer.BadParameter("--markdown is the page of all events; it takes nothing else.")
    events = _of(aggregate)
    if markdown:
        sys.stdout.write(page(AGGREGATES, events))
    elif as_json:
        print_json(Catalogue(version("psa-platform"), events))
    else:
        rows = [(e.topic, e.version, e.meaning, _named(e)) for e in events]
        print_table(f"{len(events)} events", ["topic", "version", "what happened", "fields"], rows)


@app.command()
def show(topic: Topic, *, as_json: Json = False) -> None:
    """Show one event: its fields, their limits and meaning, and an example, which is made up.

    Example: psa events show ticket.opened
    """
    events = {event.topic: event for event in describe_all(AGGREGATES)}
    if topic not in events:
        raise EventUnknown(topic=topic, hint=_hint(topic, events))
    event = events[topic]
    if as_json:
        print_json(event)
        return
    effect = f" {EFFECTS[event.effect]}." if EFFECTS[event.effect] else ""
    print_table(
        f"{event.topic} v{event.version}: {event.meaning}{effect}",
        Row._fields,
        list(rows_of(event.fields)),
    )
    print_json(event.example)


@app.command()
def lint(*, golden: Golden = None, against: Against = None, as_json: Json = False) -> None:
    """Refuse what breaks readers of the log: a line and a way out each, and exit code 1.

    --golden reads stored payloads with today's classes; --against compares these with an earlier
    catalogue. Fields with a default, words and events may be added; limits may change.

    Example: psa events lint --golden tests/golden/events --against before.json
    """
    if golden is None and against is None:
        raise typer.BadParameter("name what to lint with: --golden, --against, or both.")
    now = describe_all(AGGREGATES)
    found: list[Finding] = []
    if golden is not None:
        if not any(golden.iterdir()):
            raise PayloadsMissing(folder=golden)
        found += lint_payloads(golden, {event.topic: event for event in now})
    if against is not None:
        found += compare(_read(against), now)
    if as_json:
        print_json(found)
    else:
        sys.stdout.writelines(f"{finding}\n" for finding in found)
        console.print(f"Events: {len(now)}, findings: {len(found)}.", highlight=False)
    if found:
        raise typer.Exit(1)


def _of(aggregate: str | None) -> tuple[EventDescription, ...]:
    kinds = {kind.TOPIC: kind for kind in AGGREGATES}
    if aggregate is not None and aggregate not in kinds:
        raise RecordUnknown(kind=aggregate, hint=_hint(aggregate, kinds))
    return describe_all(AGGREGATES if aggregate is None else [kinds[aggregate]])


def _hint(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, known, NEAR)
    return f"near: {', '.join(near)}" if near else "`psa events list` names all"


def _read(file: Path) -> tuple[EventDescription, ...]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Catalogue).events
    except msgspec.DecodeError as error:
        raise CatalogueInvalid(file=file, reason=error) from error


def _named(event: EventDescription) -> str:
    return ", ".join(field.name for field in event.fields if field.name != TIMESTAMP)
