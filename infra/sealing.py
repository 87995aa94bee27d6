"""The part of the composition root that seals the log and verifies it: keys, anchors, sealer."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

import psycopg

from eventstore.broker import BrokerUnavailable
from eventstore.log import LINE
from eventstore.sealing import verify as verifying
from eventstore.sealing.anchors import Anchor, Anchoring
from eventstore.sealing.sealer import Sealer
from eventstore.sealing.signatures import Keys, SealKeyMissing
from eventstore.sealing.statements import Seal, Statement, StatementMalformed, parse
from eventstore.sealing.steps import Steps
from eventstore.sealing.verify import Kept, Progress, Report
from infra.bootstrap import now
from infra.drivers.anchor_file import AnchorFile, read_file
from infra.drivers.anchor_stream import AnchorStream
from infra.drivers.jetstream import JetStream
from infra.embedded import Urls
from infra.seal_keys import SealKeys, read_public_key
from infra.settings import Settings
from infra.stopping import stop_event


async def seal(settings: Settings, urls: Urls) -> None:
    """Seal the log, and anchor the seals, until told to stop."""
    stop = stop_event()
    async with JetStream(urls.nats) as broker:
        anchors: list[Anchor] = [AnchorFile(settings.anchors), AnchorStream(broker)]
        await seal_and_anchor(urls.postgres, SealKeys(settings.home), anchors, stop)


async def seal_and_anchor(
    conninfo: str, keys: Keys, anchors: Sequence[Anchor], stop: asyncio.Event
) -> None:
    """Seal until told to stop; what can not be anchored meanwhile is anchored later, in order."""
    sealer = Sealer(conninfo, keys, now)
    followers = [Anchoring(conninfo, anchor, lambda: sealer.sealed) for anchor in anchors]

    async def anchor_the_rest() -> None:
        await asyncio.gather(*(each.follow() for each in followers))

    following = [asyncio.create_task(each.run(stop)) for each in followers]
    try:
        await sealer.run(stop, before_the_end=anchor_the_rest)
    finally:
        for task in following:
            task.cancel()
        await asyncio.wait(following)


def rotate(settings: Settings, urls: Urls) -> Seal:
    """Hand over to a new key, and return the seal that says so."""
    with closing(psycopg.connect(urls.postgres, autocommit=True, **LINE)) as connection:
        return Steps(connection, SealKeys(settings.home), now).rotate()


def first_key(settings: Settings, given: Path | None = None) -> bytes:
    """Return the public key that the first seal has to be signed with.

    Raises `SealKeyMissing` when none is given and this installation has none.
    """
    path = given or SealKeys(settings.home).first_public
    if not path.exists():
        msg = (
            f"There is no public key in {path}: without it nobody can say who sealed the log; "
            "give the one that you keep with --public-key."
        )
        raise SealKeyMissing(msg)
    return read_public_key(path)


def read_anchor_file(settings: Settings) -> list[Kept]:
    """Return what the anchor file keeps; nothing where there is none. Raises `AnchorDamaged`."""
    path = settings.anchors
    return [(AnchorFile.name, list(read_file(path)))] if path.exists() else []


def stated(kept: Iterable[Seal]) -> Iterator[Statement]:
    """Yield what seals state; what is no seal is left out."""
    for seal in kept:
        with suppress(StatementMalformed):
            yield parse(seal.statement)


class Anchors(NamedTuple):
    """What the anchors keep, and what could not be asked."""

    kept: list[Kept]
    missing: list[str]


async def read_anchors(settings: Settings, urls: Urls, given: Path | None = None) -> Anchors:
    """Read all anchors, the file that is given in place of this installation's own.

    Raises FileNotFoundError for a given file that is not there, and AnchorDamaged.
    """
    found = Anchors([], [])
    path = given or settings.anchors
    if given is None and not path.exists():
        found.missing.append(f"the anchor file {path} is not there")
    else:
        found.kept.append((AnchorFile.name, list(read_file(path))))
    async with JetStream(urls.nats) as broker:
        stream = AnchorStream(broker)
        try:
            found.kept.append((stream.name, [seal async for seal in stream.read()]))
        except BrokerUnavailable as error:
            found.missing.append(f"{stream.name} can not be read ({error})")
    return found


def verify(
    settings: Settings,
    urls: Urls,
    kept: list[Kept],
    *,
    public_key: Path | None,
    span: tuple[int, int] | None,
    processes: int,
    progress: Progress,
) -> Report:
    """Verify the log of this installation; raises `SealKeyMissing` and psycopg.Error."""
    key = first_key(settings, public_key)
    return verifying.verify(
        urls.postgres, key, kept, span=span, processes=processes, progress=progress
    )
