"""The engine: case by case through the domain, batch by batch into the log.

While one batch is being appended the next one is decided. A case never is in two batches, so that
the order of the batches means nothing. Killed at any instant, the import goes on where it stopped:
every row has an id that follows from its content, and what has it in the log is passed by.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import tzinfo
from pathlib import Path

from commands.imports import files
from commands.imports.case import Case, Decision
from commands.imports.log import Appender, Log, Rehearsal, attempts, is_raced
from commands.imports.masters import Masters
from commands.imports.provenance import Provenance
from commands.imports.report import Disagreement, Report, Reported
from commands.imports.source import Record, Source
from domain.rules import require_text
from eventstore.batches import Outcome

BATCH_ROWS = 400

Progress = Callable[[int, int], None]
Batch = list[list[Record]]
"""The rows of some cases."""


async def run_import(
    source: Source,
    path: Path,
    *,
    log: Log,
    appender: Appender,
    customer: str,
    zone: tzinfo,
    progress: Progress,
    dry_run: bool = False,
) -> Report:
    """Replay a file of a source's log into tickets of one customer, and account for every row.

    `progress` is told the rows done and all rows. Raises `ImportFileInvalid`, `TextMissing` or
    `TextTooLong` (the customer's name) before anything is appended, `ImportRaced`, and what the
    log raises when it fails; run again, it goes on from there.
    """
    started = time.perf_counter()
    customer = require_text("customer", customer, limit=200)
    layout = files.Layout(source.columns, source.case_column)
    surveyed = files.survey(path, layout)
    if dry_run:
        log = appender = Rehearsal(log)
    provenance = Provenance(source.system, path.name)
    masters = Masters(provenance, customer, log, appender)
    run = _Run(source, provenance, masters, log=log, appender=appender, zone=zone)
    await run.through(
        _batches(files.cases(path, layout, surveyed)), lambda done: progress(done, surveyed.rows)
    )
    return Report(
        system=source.system,
        file=path.name,
        customer=customer,
        dry_run=dry_run,
        rows=surveyed.rows,
        cases=len(surveyed.last),
        imported=surveyed.rows - len(run.reported),
        appended=run.appended,
        events=run.events,
        contacts=masters.contacts,
        reported=sorted(run.reported, key=lambda one: one.row),
        disagreements=sorted(run.disagreements, key=lambda one: one.row),
        seconds=time.perf_counter() - started,
    )


class _Run:
    """One import under way, and its account so far."""

    def __init__(
        self,
        source: Source,
        provenance: Provenance,
        masters: Masters,
        *,
        log: Log,
        appender: Appender,
        zone: tzinfo,
    ) -> None:
        self._source = source
        self._provenance = provenance
        self._log = log
        self._appender = appender
        self._zone = zone
        self._masters = masters
        self.appended = 0
        self.case_events = 0
        self.reported: list[Reported] = []
        self.disagreements: list[Disagreement] = []

    @property
    def events(self) -> int:
        """All events of this run."""
        return self.case_events + self._masters.events

    async def through(self, batches: Iterable[Batch], advance: Callable[[int], None]) -> None:
        """Import all batches; `advance` is told the rows done."""
        done = 0
        writing = None
        try:
            for batch in batches:
                decided = await self._decide(batch)
                if writing is not None:
                    advance(await writing)
                done += sum(map(len, batch))
                writing = asyncio.create_task(self._write(batch, decided, done))
        finally:
            # Also when deciding failed: nothing is left behind half written.
            if writing is not None:
                advance(await writing)

    async def _decide(self, batch: Batch) -> list[Decision]:
        cases = [Case(self._source, records) for records in batch]
        streams = await self._log.read_streams(
            [stream for case in cases for stream in case.streams]
        )
        for case in cases:
            case.meet(streams, self._zone)
        await self._masters.ensure(row for case in cases for row in case.news)
        number = 0
        if new := sum(case.is_new for case in cases):
            number = await self._log.next_numbers("ticket", new)
        decided = []
        for case in cases:
            decided.append(case.decide(self._masters, self._provenance, number))
            number += case.is_new
            # Let the batch before this one move on.
            await asyncio.sleep(0)
        return decided

    async def _write(self, batch: Batch, decided: list[Decision], done: int) -> int:
        for _ in attempts("tickets"):
            raced = await self._append(decided)
            if not any(raced):
                break
            batch = [records for records, again in zip(batch, raced, strict=True) if again]
            decided = await self._decide(batch)
        return done

    async def _append(self, decided: list[Decision]) -> list[bool]:
        """Append what was decided; tell for each case whether somebody was faster."""
        appends = [append for decision in decided for append in decision.appends]
        outcomes = iter(await self._appender.append_many(appends))
        return [self._book(decision, outcomes) for decision in decided]

    def _book(self, decision: Decision, outcomes: Iterator[Outcome]) -> bool:
        raced = False
        for append, outcome in zip(decision.appends, outcomes, strict=False):
            if is_raced(outcome):
                raced = True
            else:
                self.appended += 1
                self.case_events += len(append.events)
        if not raced:
            self.reported += decision.reported
            self.disagreements += decision.disagreements
        return raced


def _batches(cases: Iterable[list[Record]]) -> Iterator[Batch]:
    batch: Batch = []
    for records in cases:
        batch.append(records)
        if sum(map(len, batch)) >= BATCH_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch
