"""What operators do: look, check, let people in, bring up to date, rebuild, start over."""

import asyncio
import shutil
import sys
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import psycopg
import typer

from domain.actors import Actor, Role
from domain.values import CustomerId
from infra import bootstrap, checks
from infra.cli.output import Json, console, print_json, print_table, progress
from infra.embedded.lock import Lock
from infra.settings import SettingsError, find_urls, read_settings
from infra.tokens import open_tokens
from projections import schema
from projections.search import VIEW as SEARCH
from projections.table import VIEWS


def status(*, as_json: Json = False) -> None:
    """Show the head of the log, how far each view has come, and its lag.

    Example: psa status --json
    """
    urls = find_urls(read_settings())
    with psycopg.connect(urls.postgres) as connection:
        row = connection.execute("select coalesce(max(position), 0) from es.events").fetchone()
    head = row[0] if row else 0
    views = [
        {
            "view": standing.view,
            "position": standing.position,
            "lag": head - standing.position,
            "needs_rebuild": standing.needs_rebuild,
        }
        for standing in schema.status(urls.postgres)
    ]
    stream = asyncio.run(bootstrap.stream_position(urls))
    keys = asyncio.run(checks.failure(bootstrap.checks(urls)["keys"])) is None
    mirror = schema.mirror_status(urls.postgres, SEARCH)
    if as_json:
        print_json(
            {"head": head, "stream": stream, "keys": keys, "search_index": mirror, "views": views}
        )
        return
    print_table(
        f"Log head: {head} · stream: {'unreachable' if stream is None else stream}"
        f" · keys: {'reachable' if keys else 'unreachable'}"
        f" · search index: {'none' if mirror is None else mirror}",
        ["view", "position", "lag", "state"],
        [
            (v["view"], v["position"], v["lag"], "rebuild it" if v["needs_rebuild"] else "ok")
            for v in views
        ],
    )


def doctor(*, as_json: Json = False) -> None:
    """Check everything the platform depends on, and say how to mend what is wrong.

    Example: psa doctor
    """
    findings = asyncio.run(checks.examine(read_settings()))
    if as_json:
        print_json(findings)
    else:
        print_table(
            "Doctor",
            ["", "what", "found", "what to do"],
            [("ok" if f.ok else "!!", f.what, f.found, f.remedy) for f in findings],
        )
    if not all(f.ok for f in findings if f.needed):
        sys.exit(1)


def token(
    role: Annotated[Role, typer.Option(help="What the bearer may do.")] = Role.TECHNICIAN,
    name: Annotated[
        str, typer.Option(help="The bearer's name, for people who read the token.")
    ] = "Local user",
    subject: Annotated[
        str, typer.Option("--sub", help="The id the history keeps; `local-ROLE` by default.")
    ] = "",
    customer: Annotated[
        UUID | None, typer.Option(help="The customer that bounds a token of role customer.")
    ] = None,
    hours: Annotated[float, typer.Option(min=0.01, max=8760, help="How long it is valid.")] = 12,
) -> None:
    """Issue a bearer token for the API.

    Example: psa token --role technician --name "Anna Berger"
    """
    if role is Role.CUSTOMER and customer is None:
        raise typer.BadParameter("a token of role customer needs --customer.")
    actor = Actor(
        id=subject or f"local-{role}",
        name=name,
        role=role,
        customer_id=CustomerId(customer) if customer else None,
    )
    print(open_tokens(read_settings().home).issue(actor, timedelta(hours=hours)))  # noqa: T201 - the result


def migrate() -> None:
    """Bring the database up to date; harmless when it is.

    Example: psa migrate
    """
    bootstrap.prepare(find_urls(read_settings()))
    console.print("The database is up to date.")


def rebuild(
    view: Annotated[str, typer.Argument(help="The view, as `psa status` names it.")],
    *,
    as_json: Json = False,
) -> None:
    """Build a view anew from the log while queries go on, and compare it with the old one.

    Example: psa rebuild tickets
    """
    known = {v.name: v for v in VIEWS}
    if view not in known:
        raise typer.BadParameter(f"there is no view {view!r}; choose from {', '.join(known)}.")
    settings = read_settings()
    urls = find_urls(settings)
    with progress(f"Rebuilding {view}") as show:
        report = asyncio.run(bootstrap.rebuild(settings, urls, known[view], show))
    if as_json:
        print_json(report)
        return
    same = "the rows have changed"
    if report.hash_before is None:
        same = "there was nothing of this shape to compare it with"
    elif report.hash_before == report.hash_after:
        same = "the rows are the same, byte for byte"
    console.print(
        f"Rebuilt {view} from {report.events} events in {report.seconds:.1f} s, "
        f"up to position {report.position}; {same}."
    )
    print_table("Hashes", ["before", "after"], [(report.hash_before, report.hash_after)])


def reset(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, only say what.")] = False,
) -> None:
    """Throw away all local data: everything in PSA_HOME.

    Example: psa reset --yes
    """
    settings = read_settings()
    home = settings.home
    if not home.exists():
        console.print(f"There is nothing in {home}.")
        return
    # Made by the first start: without it the folder is somebody else's.
    if not (home / "passwords.json").exists():
        raise SettingsError(f"{home} holds no embedded servers; PSA_HOME names another folder?")
    lock = Lock(home / "run" / "lock")
    lock.take()
    if yes:
        shutil.rmtree(home)
    lock.give_back()
    console.print(
        f"{home} is gone." if yes else f"This would delete {home} for good; run again with --yes."
    )
