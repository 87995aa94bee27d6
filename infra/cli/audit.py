"""What auditors and support ask: who did it, how it was then, and what has changed since."""

import asyncio
import re
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
import typer

from eventstore.epochs import FORM, Epochs
from eventstore.log import PAGE
from eventstore.mapper import decode, payload_of
from eventstore.records import Metadata, Recorded
from infra import bootstrap
from infra.cli.output import Json, console, print_json, print_table
from infra.settings import find_urls, read_settings
from readapi.asof import AsOf
from readapi.context import Asked, Context, Patience, Sources
from readapi.parameters import read
from readapi.records import identify, read_record
from readapi.table import RESOURCES

app = typer.Typer(
    help="Trace, replay and compare records, straight from the log.", no_args_is_help=True
)


LIMIT: Final = 10_000
KINDS: Final = {resource.kind: resource for resource in RESOURCES}
"""The query API's own resources by kind: an audit shows what the API shows, to the byte."""
Kind = StrEnum("Kind", {name.upper(): name for name in KINDS})  # type: ignore[misc] # members by table
"""The kinds of records that can be audited: all that can be read."""

What = Annotated[Kind, typer.Argument(help="The kind of record.")]
Which = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="Its id; for a ticket also T-000123 or INC0000047, for a customer 10042."
    ),
]
At = Annotated[
    str | None,
    typer.Option(help="As it was at this instant, or at the end of this day (UTC), ISO 8601."),
]
Position = Annotated[
    str | None,
    typer.Option(help="As it was known at this position of the log, as `show` tells it."),
]


class Entry(msgspec.Struct, frozen=True):
    """One event of a record's history."""

    position: int
    as_of_position: str
    """The same, as `--position` takes it: after a restore, with its epoch."""
    version: int
    happened_at: str
    recorded_at: str
    event: str
    actor: str
    command_id: UUID
    correlation_id: UUID
    causation_id: UUID | None
    source: dict[str, str | int] | None
    facts: Any


@app.command()
def show(
    what: What,
    which: Which,
    after: Annotated[int, typer.Option(min=0, help="Only what follows this version.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=LIMIT, help="How many events.")] = PAGE,
    *,
    as_json: Json = False,
) -> None:
    """Show a record's history: every event with its actor and its cause; --json has all ids.

    A longer history is shown in parts: a line tells how to go on.

    Example: psa audit show ticket T-000123
    """
    history = asyncio.run(_history(what, which, after, limit))
    if len(history) == limit:
        console.print(f"There may be more: go on with --after {history[-1].version}.")
    if as_json:
        print_json(history)
        return
    print_table(
        f"{what} {which}: {len(history)} events",
        ["position", "happened", "event", "actor", "cause", "facts"],
        [
            (e.as_of_position, e.happened_at, e.event, e.actor, _cause(e), _brief(e))
            for e in history
        ],
    )


@app.command()
def replay(what: What, which: Which, at: At = None, position: Position = None) -> None:
    """Show a record as it was, folded anew from the log; the same JSON as `GET …?as_of=`.

    Example: psa audit replay ticket INC0000047 --at 2016-03-01T09:00:00Z
    """
    print_json(asyncio.run(state(what, which, at, position)))


@app.command()
def diff(
    what: What,
    which: Which,
    earlier: Annotated[str, typer.Option("--from", help="An instant, a day, or a position.")],
    later: Annotated[
        str | None, typer.Option("--to", help="An instant, a day, or a position; now by default.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Show what changed about a record between two moments.

    Example: psa audit diff ticket T-000123 --from 2026-03-01 --to 2026-04-01
    """
    before = _plain(asyncio.run(state(what, which, *_moment(earlier))))
    after = _plain(asyncio.run(state(what, which, *_moment(later))))
    changes = {
        name: {"from": before.get(name), "to": after.get(name)}
        for name in after
        if before.get(name) != after.get(name)
    }
    if as_json:
        print_json(changes)
        return
    print_table(
        f"{what} {which}: {len(changes)} fields differ",
        ["field", "from", "to"],
        [(name, change["from"], change["to"]) for name, change in changes.items()],
    )


async def state(what: Kind, which: str, at: str | None, position: str | None) -> Any:
    """Return a record's document as it was: what `GET …?as_of=&as_of_position=` answers."""
    given = {"as_of": at, "as_of_position": position}
    settings = read_settings()
    query = read(AsOf, {name: [str(v)] for name, v in given.items() if v is not None})
    async with bootstrap.reading(settings, find_urls(settings)) as sources:
        return await read_record(KINDS[what], query, _context(sources, what, which))


async def _history(what: Kind, which: str, after: int, limit: int) -> list[Entry]:
    settings = read_settings()
    async with bootstrap.reading(settings, find_urls(settings)) as sources:
        resource = KINDS[what]
        stream = await identify(resource, _context(sources, what, which))
        none: list[Recorded] = []
        events = await anext(sources.log.pages(stream, after, page=limit), none)
        kinds = {event.topic.partition(".")[0] for event in events[:1]}
        if kinds != {resource.kind} and (kinds or not after):
            raise resource.missing(id=which)
        return [_entry(event, sources.epochs) for event in events]


def _context(sources: Sources, what: Kind, which: str) -> Context:
    asked = Asked(f"/api/v1{KINDS[what].path}/{which}", {}, which)
    return Context(sources, bootstrap.LOCAL_ADMIN, asked, Patience())


def _entry(recorded: Recorded, epochs: Epochs) -> Entry:
    metadata = msgspec.json.decode(recorded.metadata, type=Metadata)
    event = decode(recorded)
    facts = msgspec.json.decode(payload_of(event))
    facts.pop("timestamp", None)
    return Entry(
        position=recorded.position,
        as_of_position=epochs.write(recorded.position),
        version=recorded.version,
        happened_at=event.timestamp.isoformat(),
        recorded_at=recorded.recorded_at.isoformat(),
        event=recorded.topic,
        actor=metadata.actor,
        command_id=metadata.command_id,
        correlation_id=metadata.correlation_id,
        causation_id=metadata.causation_id,
        source=metadata.source,
        facts=facts,
    )


def _moment(text: str | None) -> tuple[str | None, str | None]:
    if text is not None and re.fullmatch(FORM, text):
        return None, text
    return text, None


def _plain(document: Any) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(document)
    return plain


def _cause(entry: Entry) -> str:
    if entry.source:
        return " ".join(str(value) for value in entry.source.values())
    if entry.causation_id:
        return f"event {entry.causation_id}"
    return f"command {str(entry.command_id)[:8]}"


def _brief(entry: Entry) -> str:
    text = ", ".join(f"{name}={value}" for name, value in entry.facts.items() if value)
    return text if len(text) <= 90 else f"{text[:89]}…"  # noqa: PLR2004 - a table's cell
