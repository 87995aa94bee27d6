"""One case: which of its rows are news, and what they lead to."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import NamedTuple

from commands.imports.files import RowIncomplete
from commands.imports.history import History
from commands.imports.identity import RowIds, ticket_id
from commands.imports.masters import Masters
from commands.imports.names import Streams, claims
from commands.imports.provenance import Provenance, recorded
from commands.imports.report import Disagreement, Reported
from commands.imports.source import Record, Row, Source
from domain.base import Event
from domain.desk.tickets.elsewhere import external_name
from domain.errors import Conflict, Refused
from domain.reservations import reservation_id
from domain.values import ExternalReference
from eventstore.records import Append


class LaterRowRecorded(Conflict):
    """A later row of the case is in the log already: what is recorded stays as it is."""


class Decision(NamedTuple):
    """What became of a case."""

    appends: list[Append]
    reported: list[Reported]
    disagreements: list[Disagreement]


class Case:
    """The rows of one ticket, in the order of the file."""

    def __init__(self, source: Source, records: Sequence[Record]) -> None:
        self._source = source
        self._records = records
        self._name = records[0].case
        self._ticket_id = ticket_id(source.system, self._name)
        ids = RowIds(source.system, source.columns, source.final_columns)
        self._commands = [ids.next(record) for record in records]
        number = external_name(ExternalReference(source.system, self._name))
        self.streams = (self._ticket_id, reservation_id(*number))
        """What has to be read: the ticket, and its number in the other system."""

    def meet(self, streams: Streams, zone: tzinfo) -> None:
        """Take what the log holds, and read the rows that are news."""
        self._streams = streams
        ids = [command.command_id for command in self._commands]
        self._history = History(streams[self._ticket_id], ids)
        self._news = {
            command.command_id: self._read(record, zone)
            for record, command in zip(self._records, self._commands, strict=True)
            if not self._history.holds(command.command_id)
        }

    @property
    def news(self) -> Iterator[Row]:
        """The rows that are not in the log."""
        return (row for row in self._news.values() if isinstance(row, Row))

    @property
    def is_new(self) -> bool:
        """Tell whether the case needs a ticket number."""
        return not self._streams[self._ticket_id] and any(True for _ in self.news)

    def decide(self, masters: Masters, provenance: Provenance, number: int) -> Decision:
        """Let the rows that are news happen, one command each; `number` is for a new ticket."""
        decision = Decision([], [], [])
        for record, command in zip(self._records, self._commands, strict=True):
            row = self._news.get(command.command_id)
            if row is None:
                self._history.pass_by(command.command_id)
                continue
            try:
                events = self._happen(row, masters, number)
            except Refused as refusal:
                self._history.reject()
                decision.reported.append(Reported.of(record, refusal))
            else:
                assert isinstance(row, Row)
                decision.appends.append(provenance.append(command, row, events))
                self._compare(row, decision.disagreements)
        return decision

    def _read(self, record: Record, zone: tzinfo) -> Row | Refused:
        try:
            if not record.values:
                raise RowIncomplete
            return self._source.row(record, zone)
        except Refused as refusal:
            return refusal

    def _happen(self, row: Row | Refused, masters: Masters, number: int) -> list[Event]:
        if isinstance(row, Refused):
            raise row
        before = self._history.ticket()
        place = masters.place(self._ticket_id, number, row)
        ticket = self._source.decide(before, row, place)
        if self._history.is_past:
            raise LaterRowRecorded
        names = [] if before else claims(ticket, self._streams, at=row.at)
        return [*self._history.accept(ticket), *(e for name in names for e in recorded(name))]

    def _compare(self, row: Row, known: list[Disagreement]) -> None:
        ticket = self._history.ticket()
        assert ticket is not None
        sentence = self._source.disagreement(ticket, row)
        # The same difference is told once, not with every row that follows.
        if sentence and (not known or known[-1].sentence != sentence):
            known.append(Disagreement(row.record.number, self._name, sentence))
