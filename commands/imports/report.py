"""What became of an import: every row is either in the log or listed here, with the reason."""

from collections import Counter
from typing import Self

import msgspec

from commands.imports.source import Record
from domain.errors import Refused


class Reported(msgspec.Struct, frozen=True):
    """A row that is not in the log, because the domain or the mapping refused it."""

    row: int
    """Its place in the file; the header is row 1."""
    case: str
    reason: str
    """The name of the refusal, e.g. `TimeRunsBackwards`."""
    sentence: str

    @classmethod
    def of(cls, record: Record, refusal: Refused) -> Self:
        """Report one row."""
        return cls(record.number, record.case, refusal.code, str(refusal))


class Disagreement(msgspec.Struct, frozen=True):
    """A row that is in the log, although the source states another total than ours."""

    row: int
    case: str
    sentence: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The account of one import: `imported` + the rows reported = `rows`."""

    system: str
    file: str
    customer: str
    dry_run: bool
    """Everything was decided, nothing appended."""
    rows: int
    cases: int
    imported: int
    """Rows that are in the log now."""
    appended: int
    """Rows among them that were not there before."""
    events: int
    """Events of this run, those that create customers, contacts, groups and users included."""
    contacts: int = 0
    """Contacts that were added in this run."""
    reported: list[Reported]
    disagreements: list[Disagreement]
    seconds: float

    @property
    def reasons(self) -> dict[str, int]:
        """The rows reported per reason, the most frequent first."""
        return dict(Counter(one.reason for one in self.reported).most_common())

    def to_json(self) -> bytes:
        """Return the report for a program, with the rows per reason beside it."""
        return msgspec.json.encode({**msgspec.to_builtins(self), "reasons": self.reasons})

    def to_text(self) -> str:
        """Return the report for people, every reported row listed."""
        head = "would be imported (dry run)" if self.dry_run else "imported"
        lines = [
            f"{self.system}: {self.file} for {self.customer}",
            f"{self.rows} rows of {self.cases} cases",
            f"{self.imported} rows {head}, {self.appended} of them now",
            f"{len(self.reported)} rows reported",
            f"{self.events} events in {self.seconds:.1f} s",
        ]
        if self.contacts:
            lines.insert(3, f"{self.contacts} contacts added")
        for reason, count in self.reasons.items():
            lines.append(f"{reason}: {count}")
            rows = (one for one in self.reported if one.reason == reason)
            lines += [f"  row {one.row}, case {one.case}: {one.sentence}" for one in rows]
        if self.disagreements:
            lines.append(f"Imported, although the totals differ: {len(self.disagreements)}")
        lines += [f"  row {d.row}, case {d.case}: {d.sentence}" for d in self.disagreements]
        return "\n".join(lines)
