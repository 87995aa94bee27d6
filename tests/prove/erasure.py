"""People are erased, and what was told of them is nowhere any more: `just prove erasure`.

A platform with the demo and a real log; people of both are erased. Then every byte of its servers'
files is looked at, and whatever reads the log is asked. One line of JSON; exit code 1 if anything
was found that should not be.
"""

import argparse
import asyncio
import json
import random
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec

from domain.base import AggregateRoot
from domain.catalogue import AGGREGATES
from eventstore import mapper
from eventstore.personal.parts import key_of, parts_of
from eventstore.records import Recorded
from infra import bootstrap
from infra.settings import Settings, find_urls
from tests.conftest import REAL_DATA
from tests.prove.platform import HERE, Platform

SHORTEST: Final = 8
"""Shorter texts turn up anywhere by chance."""
PAGE: Final = 2_000
SERVERS: Final = ("postgres", "keystore", "nats", "valkey", "opensearch", "logs")


class Told:
    """What the log tells of each person, and of nobody."""

    def __init__(self) -> None:
        self.of: dict[UUID, set[str]] = defaultdict(set)
        self.open: list[bytes] = []

    def take_in(self, event: Recorded) -> None:
        """Sort the texts of an event by whom they tell of."""
        opened = event.opened or ()
        for part, text in zip(parts_of(event.state), opened, strict=bool(opened)):
            if text is not None:
                self.of[key_of(part, event.stream_id).subject] |= set(texts_in(json.loads(text)))
        self.open.append(event.state.partition(b'"personal":[')[0])

    def only_of(self, subjects: Collection[UUID]) -> list[str]:
        """Return the texts that are told of these people, and that nothing else contains."""
        rest = (
            b"\0".join(self.open)
            + "\0".join(
                text
                for subject, texts in self.of.items()
                if subject not in subjects
                for text in texts
            ).encode()
        )
        rest = rest.lower()
        texts = {text for subject in subjects for text in self.of.get(subject, ())}
        return sorted(
            text for text in texts if len(text) >= SHORTEST and text.lower().encode() not in rest
        )


def texts_in(value: Any) -> Iterator[str]:
    """Yield all texts within a value of JSON."""
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from texts_in(item)
        case list():
            for item in value:
                yield from texts_in(item)


async def events(settings: Settings) -> list[Recorded]:
    """Return the whole log, opened."""
    found: list[Recorded] = []
    async with bootstrap.reading(settings, find_urls(settings)) as sources:
        while page := await sources.log.read_all(len(found), PAGE):
            found += page
    return found


def occurrences(home: Path, texts: Collection[str]) -> dict[str, list[str]]:
    """Return the files below the servers' folders that contain one of the texts, by text."""
    found: dict[str, list[str]] = defaultdict(list)
    # A text may be told in capitals or small letters: both sides are made small.
    wanted = re.compile(b"|".join(re.escape(text.lower().encode()) for text in texts))
    for server in SERVERS:
        for file in sorted((home / server).rglob("*")):
            if file.is_file():
                for match in wanted.finditer(file.read_bytes().lower()):
                    found[match.group().decode()].append(str(file.relative_to(home)))
    return found


def loads(log: Collection[Recorded]) -> tuple[int, list[str]]:
    """Fold every record of the log, and return how many there are and what did not load."""
    streams: dict[UUID, list[Recorded]] = defaultdict(list)
    for event in log:
        streams[event.stream_id].append(event)
    kinds: Mapping[str, type[AggregateRoot]] = {kind.TOPIC: kind for kind in AGGREGATES}
    faults = []
    for stream, history in streams.items():
        try:
            record = mapper.rebuild(kinds[history[0].topic.partition(".")[0]], history)
        except Exception as error:  # noqa: BLE001 - whatever it is, the proof names it
            faults.append(f"{stream}: {error}")
        else:
            faults += [f"{stream} is nothing"] if record is None else []
    return len(streams), faults


def answers(platform: Platform, people: Collection[str]) -> tuple[int, list[str]]:
    """Ask all lists, and for each person the record, now and before; return what went wrong."""
    asked, faults = 0, []
    lists = ("customers", "contacts", "locations", "interactions", "users", "groups", "tickets")
    with platform.client() as client:
        before = client.get("/erasures", params={"limit": 1}).json()["data"][0]["ordered_at"]
        paths = [f"/{name}?sort=created_at&order=desc" for name in lists]
        paths += [f"/tickets?contact_id={id}" for id in people]
        paths += [f"/contacts/{id}/timeline" for id in people]
        for path in (*paths, "/search?q=drucker"):
            asked += 1
            answer = client.get(path)
            faults += [] if answer.is_success else [f"{path}: {answer.text}"]
        for id in people:
            for path in (f"/contacts/{id}", f"/contacts/{id}?as_of={before}"):
                asked += 1
                answer = client.get(path)
                if not answer.is_success or answer.json()["name"] != "[erased]":
                    faults.append(f"{path}: {answer.text}")
    return asked, faults


def chosen(platform: Platform, count: int, chance: random.Random) -> list[str]:
    """Return contacts to be erased: those who asked for something, of all sources."""
    with platform.database() as connection:
        rows = connection.execute(
            "select distinct contact_id, external_system is null from rm.tickets"
            " where contact_id is not null order by 1"
        ).fetchall()
    ours = [str(id) for id, is_ours in rows if is_ours]
    theirs = [str(id) for id, is_ours in rows if not is_ours]
    some = min(len(ours), count // 2 if theirs else count)
    return [*chance.sample(ours, some), *chance.sample(theirs, min(count - some, len(theirs)))]


def run(home: Path, *, people: int, tickets: int, real_data: Path | None, seed: int) -> bool:
    """Fill a platform, erase people, look everywhere, print what was found; True if all holds."""
    begun = time.monotonic()
    platform, settings = Platform(HERE, home), Settings(home=home)
    told = Told()
    with platform.up():
        platform.psa("demo", "--tickets", str(tickets))
        if real_data is not None:
            platform.psa("import", "servicenow", str(real_data), "--contacts")
        platform.settle()
        log = asyncio.run(events(settings))
        for event in log:
            told.take_in(event)
        ids = chosen(platform, people, random.Random(seed))
        # What is not found while it is there would not be found afterwards either.
        there = occurrences(home, told.only_of({UUID(id) for id in ids}))
        erasing = time.monotonic()
        said = json.loads(
            platform.psa(
                "privacy", "erase", "contact", *ids, "--basis", "request", "--yes", "--json"
            )
        )
        erasing = time.monotonic() - erasing
        platform.settle()
        records, unloadable = loads(asyncio.run(events(settings)))
        asked, wrong = answers(platform, ids)
        verified = platform.psa("audit", "verify", "--json")
    subjects = {UUID(subject) for one in said for subject in one["subjects"]}
    texts = told.only_of(subjects)
    found = occurrences(home, texts)
    report = {
        "prove": "erasure",
        "events": len(log),
        "people": len(said),
        "records": len(subjects),
        "keys_destroyed": sum(one["keys_destroyed"] for one in said),
        "texts": len(texts),
        "texts_found_before": len(there),
        "texts_found": len(found),
        "records_loaded": records,
        "unloadable": len(unloadable),
        "answers": asked,
        "wrong_answers": len(wrong),
        "verified": json.loads(verified),
        "erasing_seconds": round(erasing, 1),
        "seconds": round(time.monotonic() - begun, 1),
    }
    print(msgspec.json.encode(report).decode())
    for each in [*found.items(), *unloadable, *wrong][:20]:
        print(each, file=sys.stderr)
    intact = json.loads(verified)["problem"] is None
    return bool(there) and not (found or unloadable or wrong) and intact and len(said) == len(ids)


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--tickets", type=int, default=2_000, help="of the demo")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without-real-data", action="store_true")
    given = parser.parse_args()
    file = (
        None if given.without_real_data else REAL_DATA / "eventlogs" / "servicenow_incidents.csv.gz"
    )
    with tempfile.TemporaryDirectory(prefix="psa-prove-") as folder:
        holds = run(
            Path(folder) / "home",
            people=given.people,
            tickets=given.tickets,
            real_data=file,
            seed=given.seed,
        )
    sys.exit(not holds)


if __name__ == "__main__":
    main()
