"""Proves that the log of an old version is read by the code of this checkout, to the same end.

The old commit runs with its own dependencies, loads the demo and imports a real log, and says what
it makes of them: the rows of every view, and records as they were. Then this checkout runs on the
same database, rebuilds every view from the log, and is asked the same. One line of JSON for each
table and one for the answers says how many were compared and how many are different; with any
difference the exit code is 1.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer

from tests.prove import answers, rows
from tests.prove.platform import HERE, ROOT, Platform, PlatformFailed, unpack

OLD: Final = "5f9eaad"
"""The last commit before slices got areas, aggregates declared rules, and views shared columns."""
DATA: Final = Path(os.environ.get("PSA_REAL_DATA", ROOT.parent / "shared" / "data"))
FILE: Final = DATA / "eventlogs" / "servicenow_incidents.csv.gz"
AT_ONCE: Final = 2
"""Views that are rebuilt side by side."""


class Story(msgspec.Struct, frozen=True):
    """What the old code was told."""

    commit: str
    tickets: int | None
    """Of the demo; None for as many as it makes by itself."""
    real_data: bool
    answers: int


class Said(msgspec.Struct, frozen=True):
    """What the old code made of it, beside the rows, which stay in the database."""

    story: Story
    events: int
    rows: dict[str, int]
    answers: list[answers.Answer]


def main(
    commit: Annotated[str, typer.Option(help="The old commit.")] = OLD,
    tickets: Annotated[int | None, typer.Option(min=1, help="Tickets of the demo.")] = None,
    count: Annotated[int, typer.Option("--answers", min=1, help="Records as they were.")] = 500,
    *,
    without_real_data: Annotated[
        bool, typer.Option("--without-real-data", help="Leave out the import of ServiceNow.")
    ] = False,
    reuse: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Keep there what the old code said, and begin from it next time."
        ),
    ] = None,
) -> None:
    """Run the old code and this one on the same log, and compare what they say."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # what was started has to stop
    real_data = not without_real_data and FILE.is_file()
    if not real_data and not without_real_data:
        _say(f"leaving out ServiceNow: {FILE} is not there (set PSA_REAL_DATA)")
    try:
        different = _prove(Story(commit, tickets, real_data, count), reuse)
    except PlatformFailed as failed:
        sys.exit(f"{failed}")
    sys.exit(1 if different else 0)


def _prove(story: Story, reuse: Path | None) -> int:
    """Print the reports, and return how many differences there are in all."""
    began = time.monotonic()
    # Not below a long path: it ends in a socket.
    with tempfile.TemporaryDirectory(prefix="psa-old-") as temporary:
        kept = reuse or Path(temporary) / "said"
        said = _kept(kept, story) or _tell(kept, story, Path(temporary))
        home = Path(temporary) / "home"
        # `cp` keeps the owner of the files, which the database asks for.
        subprocess.run(["cp", "-a", str(kept / "home"), str(home)], check=True)
        different = sum(int(report["different"]) for report in _compare(home, said))
    total = {"commit": story.commit, "events": said.events, "real_data": story.real_data}
    seconds = round(time.monotonic() - began)
    _print({**total, "different": different, "seconds": seconds})
    return different


def _kept(folder: Path, story: Story) -> Said | None:
    if not folder.exists() or not any(folder.iterdir()):
        return None
    try:
        said = msgspec.json.decode((folder / "said.json").read_bytes(), type=Said)
    except FileNotFoundError:
        sys.exit(f"{folder} holds something else; choose another folder.")
    if said.story != story:
        sys.exit(f"{folder} is of {said.story}, not of {story}; choose another folder.")
    return said


def _tell(folder: Path, story: Story, temporary: Path) -> Said:
    """Let the old code work in the folder, and return what it says in the end."""
    folder.mkdir(parents=True, exist_ok=True)
    _say(f"unpacking {story.commit}")
    old = Platform(unpack(story.commit, temporary / "checkout"), folder / "home")
    with old.up():
        _say("loading the demo")
        old.psa("demo", *(["--tickets", str(story.tickets)] if story.tickets else []))
        if story.real_data:
            _say(f"importing {FILE.name}")
            old.psa("import", "servicenow", str(FILE))
        _say("folding its views")
        events = old.settle()
        with old.database() as connection, old.client() as client:
            _say(f"keeping what it says about {events} events")
            # First, since nothing is left in the views afterwards.
            said_then = answers.ask(client, answers.questions(connection, story.answers))
            said = Said(story, events, rows.keep(connection), said_then)
    assert all(said.rows.values()), f"A view without a row proves nothing: {said.rows}."
    assert len(said.answers) == story.answers, f"Only {len(said.answers)} answers; ask for fewer."
    shutil.rmtree(temporary / "checkout")
    # Last: a folder without it is no whole one.
    (folder / "said.json").write_bytes(msgspec.json.encode(said))
    return said


def _compare(home: Path, said: Said) -> Iterator[dict[str, Any]]:
    new = Platform(HERE, home)
    with new.up():
        _say("rebuilding the views with this checkout")
        views = [view["view"] for view in new.status()["views"]]
        with ThreadPoolExecutor(AT_ONCE) as several:
            list(several.map(lambda view: new.psa("rebuild", view), views))
        head = new.settle()
        if head != said.events:
            raise PlatformFailed(f"The log was {said.events} events long, now it is {head}.")
        _say("comparing its rows and answers")
        with new.database() as connection:
            for report in rows.compare(connection):
                _print(report)
                yield report
        with new.client() as client:
            asked = [(each.kind, each.path, each.moment) for each in said.answers]
            report = answers.compare(said.answers, answers.ask(client, asked))
            _print(report)
            yield report


def _print(report: dict[str, Any]) -> None:
    print(json.dumps(report, ensure_ascii=False), flush=True)


def _say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    typer.run(main)
