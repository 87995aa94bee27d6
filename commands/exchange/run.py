"""Importing a file: row by row through the commands.

A row is decided on an overlay of the log first; only when all of it is accepted are its commands
appended, one after the other. A dry run goes the same way and appends none. Where somebody else
changes the same records between two of these appends, the rest of the row is decided anew; if it is
refused then, the row stays half done. Ids follow from what rows say: killed at any instant or left
half done, an import that is run again goes on, and one that is repeated changes nothing.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from commands.dispatch import Appender, Dispatcher, Entry, Log
from commands.exchange.deciding import Deciding
from commands.exchange.overlay import Overlay
from commands.exchange.results import Outcome, Report, Result
from commands.exchange.rows import in_order
from commands.exchange.sheet import Sheet
from commands.exchange.tables import Row
from commands.imports.log import attempts
from domain.actors import Actor
from domain.errors import Refused
from eventstore.errors import VersionConflict

Progress = Callable[[int, int], None]


class Import:
    """One import under way."""

    def __init__(
        self,
        sheet: Sheet,
        *,
        table: Collection[Entry],
        log: Log,
        appender: Appender,
        clock: Callable[[], datetime],
        actor: Actor,
        file: str,
        dry_run: bool,
    ) -> None:
        """Import rows of a sheet as `actor`; a dry run appends nothing and draws no number."""
        self._sheet = sheet
        self._appender = appender
        self._file = file
        self._dry_run = dry_run
        self._overlay = Overlay(log, draws=not dry_run)
        dispatcher = Dispatcher(table, self._overlay, self._overlay, clock)
        self._deciding = Deciding(sheet, self._overlay, dispatcher, actor, file)
        self._events = 0

    async def through(self, rows: Sequence[Row], progress: Progress) -> Report:
        """Import all rows, and account for each; raises what the log raises when it fails."""
        results: dict[int, Result] = {}
        turns = in_order(rows, self._sheet)
        for done, row in enumerate(turns, start=1):
            before = results.get(row.number)
            if before is None or before.outcome is not Outcome.REFUSED:
                results[row.number] = (await self._row(row)).after(before)
            progress(done, len(turns))
        return Report(
            kind=self._sheet.name,
            file=self._file,
            dry_run=self._dry_run,
            events=self._events,
            results=[results[number] for number in sorted(results)],
        )

    async def _row(self, row: Row) -> Result:
        half: Result | None = None
        for _ in attempts(f"row {row.number}"):
            try:
                result = await self._deciding.about(row)
            except Refused as refusal:
                self._overlay.drop()
                refused = Result.refused(row.number, refusal, self._sheet.column_of(refusal))
                return refused.after(half)
            before = self._events
            if await self._settled():
                return result.after(half)
            if self._events > before:
                half = result.after(half)
        raise AssertionError  # the attempts end by raising

    async def _settled(self) -> bool:
        """Append what the row has led to; tell whether nobody was faster than any of it."""
        pending = list(self._overlay.pending)
        if self._dry_run:
            self._overlay.keep()
            self._events += sum(len(append.events) for append in pending)
            return True
        # What is in the log by now shall not be read twice.
        self._overlay.drop()
        try:
            for append in pending:
                appended = await self._appender.append(append)
                self._events += 0 if appended.repeated else len(append.events)
        except VersionConflict:
            return False
        return True
