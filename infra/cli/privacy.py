"""The rights of people whose data is kept: what is told of them, and having it erased."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import msgspec
import typer
import uvloop

from commands.context import Caller
from commands.people.erasures import EraseSubject
from domain.people.erasures import (
    Erasure,
    ErasureBasis,
    ErasureUnderWay,
    SubjectKind,
    erasure_id,
)
from eventstore import mapper
from infra import bootstrap, erasing, logs
from infra.cli.output import Json, console, print_json, print_table
from infra.settings import Settings, find_urls, read_settings
from readapi.context import Asked, Context, Patience
from readapi.people.exports import Exporting, export
from readapi.people.finding import FindSubjects, find_subjects
from readapi.people.previews import ErasurePreview, Previewing, preview

app = typer.Typer(
    help="Find what is told of a person, hand it out, and have it erased.", no_args_is_help=True
)

KindArgument = Annotated[SubjectKind, typer.Argument(help="What kind of record tells of them.")]
IdArgument = Annotated[str, typer.Argument(help="Its id, or the number of a customer or a ticket.")]


def erase() -> None:
    """Carry erasures out as they are ordered; of several processes one does so.

    Example: psa erase
    """
    settings = read_settings()
    logs.configure()
    uvloop.run(erasing.follow(settings, find_urls(settings)))


@app.command()
def find(
    text: Annotated[str, typer.Argument(help="Part of a name, an e-mail address or a number.")],
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many at most.")] = 20,
    *,
    as_json: Json = False,
) -> None:
    """Find the records that seem to tell of a person.

    Example: psa privacy find ada@acme.example
    """
    query = FindSubjects(text=text, limit=limit)
    found = asyncio.run(_asked(read_settings(), "", lambda ctx: find_subjects(query, ctx)))
    if as_json:
        print_json(found)
        return
    rows = [
        (one.kind.value, one.id, one.label, ", ".join(one.matched), one.merged_into or "")
        for one in found.data
    ]
    print_table("Found", ("kind", "id", "label", "matched", "merged into"), rows)
    if found.more:
        console.print("There are more: give more of the name, or a higher --limit.")


@app.command(name="export")
def export_subject(
    kind: KindArgument,
    id: IdArgument,
    to: Annotated[Path | None, typer.Option(dir_okay=False, help="Write it to a new file.")] = None,
) -> None:
    """Hand out all that is told of a person, as JSON: one document, with the whole history.

    Example: psa privacy export contact 7e2d9c40-1f6b-4a83-b5c7-0d4e8a9f3b61 --to ada.json
    """
    whole = asyncio.run(_exported(read_settings(), kind, id))
    if to is None:
        print_json(whole)
        return
    # Private, and never over a file that is there: it tells all about somebody.
    with open(to, "xb", opener=_private) as file:
        file.write(msgspec.json.format(msgspec.json.encode(whole)) + b"\n")
    console.print(f"Written to {to}.")


@app.command(name="erase")
def erase_subjects(
    kind: KindArgument,
    ids: Annotated[list[str], typer.Argument(help="The ids of one or several.")],
    basis: Annotated[
        ErasureBasis, typer.Option(help="Why: they asked, it is not needed, the term is over.")
    ],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, only tell what.")] = False,
    as_json: Json = False,
) -> None:
    """Tell what erasing a person would destroy and keep; with --yes, do it.

    What is erased can not come back. It takes a few minutes: those who hold a key in memory are
    waited for, and all views that can tell of people are folded anew.

    Example: psa privacy erase contact 7e2d9c40-1f6b-4a83-b5c7-0d4e8a9f3b61 --basis request --yes
    """
    settings = read_settings()
    previews = [asyncio.run(_preview(settings, kind, id)) for id in ids]
    if not yes:
        _tell_previews(previews, as_json=as_json)
        return
    erasures = uvloop.run(_erase(settings, previews, basis))
    if as_json:
        print_json([_report(one) for one in erasures])
        return
    for one in erasures:
        _tell_carried_out(one)


@app.command()
def shred() -> None:
    """Destroy again what had been erased, after the key store was brought back from a copy.

    Example: psa privacy shred
    """
    settings = read_settings()
    count = uvloop.run(erasing.shred_again(settings, find_urls(settings)))
    console.print(f"Keys destroyed again: {count}.")


async def _erase(
    settings: Settings, previews: Sequence[ErasurePreview], basis: ErasureBasis
) -> list[Erasure]:
    """Order what was previewed, carry it out, and return what the log tells of it."""
    urls = find_urls(settings)
    subjects = [one.subject for one in previews]
    # The lock first: the process that follows orders would begin with the first of them.
    async with erasing.alone(urls), bootstrap.writing(settings, urls) as side:
        for subject in subjects:
            order = EraseSubject(subject_id=subject.id, subject_kind=subject.kind, basis=basis)
            caller = Caller(actor=bootstrap.LOCAL_ADMIN, command_id=uuid4(), fresh=True)
            with suppress(ErasureUnderWay):  # It was ordered before: it is carried out with these.
                await side.dispatcher.dispatch(order, caller)
        await erasing.carry_out(settings, urls, lambda step: console.print(f"{step} …"))
        streams = [await side.log.read_stream(erasure_id(subject.id)) for subject in subjects]
    found = [mapper.rebuild(Erasure, events) for events in streams]
    return [one for one in found if one is not None]


async def _preview(settings: Settings, kind: SubjectKind, id: str) -> ErasurePreview:
    async def ask(ctx: Context) -> ErasurePreview:
        return await preview(kind, Previewing(), ctx, now=bootstrap.now)

    answer: ErasurePreview = await _asked(settings, id, ask)
    return answer


async def _exported(settings: Settings, kind: SubjectKind, id: str) -> Any:
    """Return the export with all of its parts in one."""

    async def ask(ctx: Context) -> Any:
        whole = await export(kind, Exporting(), ctx, now=bootstrap.now)
        records, part = [*whole.records], whole
        while part.next is not None:
            (cursor,) = parse_qs(urlsplit(part.next).query)["cursor"]
            part = await export(kind, Exporting(cursor=cursor), ctx, now=bootstrap.now)
            records += part.records
        return msgspec.structs.replace(whole, records=records, next=None)

    return await _asked(settings, id, ask)


async def _asked(settings: Settings, id: str, ask: Callable[[Context], Awaitable[Any]]) -> Any:
    async with bootstrap.reading(settings, find_urls(settings)) as sources:
        asked = Asked("/api/v1/privacy/subjects", {}, id)
        return await ask(Context(sources, bootstrap.LOCAL_ADMIN, asked, Patience()))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)


def _tell_previews(previews: Sequence[ErasurePreview], *, as_json: bool) -> None:
    if as_json:
        print_json(previews)
        return
    for one in previews:
        rows = [(each.kind.value, each.records, each.open) for each in one.destroyed]
        print_table(
            f"Erasing {one.subject.label} would destroy", ("kind", "records", "still open"), rows
        )
        for kept in one.kept:
            fields = ", ".join(kept.fields)
            print(f"Kept until {kept.until}: {fields} of {kept.kind} {kept.id}; {kept.basis}")  # noqa: T201 - the result
    for warning in dict.fromkeys(line for one in previews for line in one.warnings):
        console.print(warning, markup=False)
    console.print("Nothing was changed; add --yes to do it.")


def _tell_carried_out(erasure: Erasure) -> None:
    what = f"{erasure.subject_kind} {erasure.subject_id}"
    counts = f"{len(erasure.subjects)} records, {erasure.keys_destroyed} keys destroyed"
    lines = [f"Erased {what}: {counts}."]
    lines += [f"Kept until {k.until} ({k.retention}): {k.subject_id}." for k in erasure.kept]
    if erasure.plain_events:
        lines.append(
            f"{erasure.plain_events} events are older than the encryption: they stay readable."
        )
    lines.append("Backups from before hold it until they expire; restoring one erases it again.")
    print(*lines, sep="\n")  # noqa: T201 - the result


def _report(erasure: Erasure) -> dict[str, Any]:
    names = ("subject_id", "subject_kind", "basis", "subjects", "keys_destroyed", "kept")
    told = {name: getattr(erasure, name) for name in (*names, "plain_events", "carried_out_at")}
    return {"erasure_id": erasure.id, **told}
