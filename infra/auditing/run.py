"""Writes the auditor's package: reads a part of the log, verifies it, and says what it found."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import psycopg

from eventstore.export.reading import read
from eventstore.export.records import Records
from eventstore.export.spans import Edge, Span, count, find
from eventstore.log import LINE
from eventstore.sealing import seals as table
from eventstore.sealing.verify import Progress, Report
from infra import bootstrap, sealing
from infra.auditing.drafts import Draft, drafting
from infra.auditing.events import EventFiles, Written, event_files, master_data
from infra.auditing.index import Supplier, index
from infra.auditing.manifest import (
    MANIFEST,
    VERIFIED,
    Counts,
    Verification,
    manifest,
    report,
    verification,
)
from infra.auditing.procedure import Described, documents
from infra.auditing.seals import Proofs, prove, write_proofs
from infra.auditing.standard import DTD, declarations
from infra.auditing.tables import TABLES
from infra.embedded import Urls
from infra.sealing import Anchors
from infra.settings import Settings

INDEX: Final = "index.xml"
UNREACHED: Final = "one of the anchors was not reached, where seals that were taken away are missed"

Show = Callable[[str], AbstractContextManager[Progress]]
"""Shows how far a step is, given its title."""
Verdict = Callable[[Report, tuple[int, int] | None], str]
"""Says in one sentence what a verification has found, in the given positions."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to have exported."""

    first: Edge = None
    last: Edge = None
    target: Path | None = None
    """Where the package will stand; in the working folder, named by its positions, by default."""
    zipped: bool = False
    proofs: Sequence[str] = ()
    """Events by position or id, each of which gets a proof of its own."""
    public_key: Path | None = None
    anchors: Path | None = None
    supplier: str = ""
    location: str = ""
    processes: int = 1


class Exported(NamedTuple):
    """The package that was written."""

    path: Path
    about: Described
    counts: Counts
    verified: Verification
    unreached: Sequence[str]
    """The anchors that could not be read, each as a part of a sentence."""


def run(settings: Settings, urls: Urls, asked: Asked, *, verdict: Verdict, show: Show) -> Exported:
    """Write the package, also where the log is not as it was sealed: then it has the finding.

    Raises `NothingRecorded`, `Unwritable`, `Unprovable`, `SealKeyMissing` and what reading raises.
    """
    key = sealing.first_key(settings, asked.public_key)
    anchors = asyncio.run(sealing.read_anchors(settings, urls, asked.anchors))
    with closing(psycopg.connect(urls.postgres, autocommit=True, **LINE)) as connection:
        about = Described(table.log_id(connection), *find(connection, asked.first, asked.last))
        proofs = prove(connection, asked.proofs, key)
        work = _Work(settings, urls, asked, connection, about, show)
        target = _target(asked, about.span)
        with drafting(target, zipped=asked.zipped) as draft:
            written = work.write_events(draft)
            work.write_descriptions(draft)
            seals = write_proofs(draft, connection, about.span, key, proofs.made)
            # Last: then all that was read stood in the log that is verified.
            verified = work.verify(anchors, verdict, work.findings(written, proofs))
            now = bootstrap.now()
            draft.write(VERIFIED, report(verified, about, now))
            counts = Counts.of(written, seals, len(proofs.made))
            draft.write(MANIFEST, manifest(about, counts, verified, now))
    return Exported(target, about, counts, verified, anchors.missing)


class _Work(NamedTuple):
    """The steps of one export."""

    settings: Settings
    urls: Urls
    asked: Asked
    connection: psycopg.Connection[Any]
    about: Described
    show: Show

    def write_events(self, draft: Draft) -> Written:
        with self.show("Writing events") as progress, event_files(draft) as files:
            asyncio.run(self._read_into(files, progress))
        return files.written

    async def _read_into(self, files: EventFiles, progress: Progress) -> None:
        span, total = self.about.span, self.about.extent.events
        done = 0
        async with bootstrap.reading(self.settings, self.urls) as sources:
            records = Records(sources.log, master_data())
            async for page in read(sources.log, self.connection, span, records):
                for one in page:
                    files.write(one)
                done += len(page)
                progress(done, total)

    def write_descriptions(self, draft: Draft) -> None:
        about, asked = self.about, self.asked
        supplier = Supplier(
            asked.supplier or f"Log {about.log}",
            asked.location,
            f"psa-platform, psa audit export, log {about.log}",
        )
        draft.write(INDEX, index(TABLES, about.span, about.extent, supplier))
        draft.write(DTD, declarations())
        for name, text in documents(self.connection, about):
            draft.write(name, text)

    def findings(self, written: Written, proofs: Proofs) -> list[str]:
        found = [f"Not readable: {each}." for each in written.troubles]
        if written.trouble_count > len(written.troubles):
            found.append(f"Not readable: {written.trouble_count} events in all.")
        known = count(self.connection, self.about.span)
        found += [
            f"Not complete: {written.topics[topic]} events {topic} were written, the log has "
            f"{known.get(topic, 0)}."
            for topic in sorted(known.keys() | written.topics.keys())
            if known.get(topic, 0) != written.topics[topic]
        ]
        return [*found, *proofs.broken]

    def verify(self, anchors: Anchors, verdict: Verdict, findings: list[str]) -> Verification:
        everything = self.asked.first is None and self.asked.last is None
        with self.show("Comparing events") as progress:
            found = sealing.verify(
                self.settings,
                self.urls,
                anchors.kept,
                public_key=self.asked.public_key,
                span=None if everything else self.about.span,
                processes=self.asked.processes,
                progress=progress,
            )
        # Where the anchors are is nobody's business who reads the package.
        missing = [UNREACHED] * len(anchors.missing)
        return verification(found, verdict(found, self.about.span), findings, missing)


def _target(asked: Asked, span: Span) -> Path:
    ending = ".zip" if asked.zipped else ""
    return (asked.target or Path(f"audit-{span.first}-{span.last}{ending}")).absolute()
