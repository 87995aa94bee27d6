"""What became of each row of an imported file."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import Self
from uuid import UUID

import msgspec

from domain.errors import Refused


class Outcome(StrEnum):
    """What became of a row."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one row."""

    row: int
    """As a spreadsheet counts: the header is 1. Of vCards, the first is 1."""
    outcome: Outcome
    id: UUID | None = None
    """The record's; of a refused row only where a part of it was taken before.

    A dry run's new one may come out otherwise.
    """
    fields: list[str] = []
    """What is different now, by the names of the columns."""
    reason: str | None = None
    """The name of the refusal, e.g. `CellInvalid`."""
    column: str | None = None
    """What has to change for the row to be taken."""
    sentence: str | None = None
    """The refusal in words, with the way out."""

    @classmethod
    def refused(cls, row: int, refusal: Refused, column: str | None) -> Self:
        """Return the result of a row that was refused."""
        return cls(
            row=row,
            outcome=Outcome.REFUSED,
            reason=refusal.code,
            column=column,
            sentence=str(refusal),
        )

    def after(self, before: Self | None) -> Self:
        """Return what became of a row that was taken up twice."""
        if before is None:
            return self
        if self.outcome is Outcome.REFUSED:
            untouched = before.outcome is Outcome.UNCHANGED
            return self if untouched else msgspec.structs.replace(self, id=before.id)
        if before.outcome is Outcome.UNCHANGED:
            return self
        fields = list(dict.fromkeys([*before.fields, *self.fields]))
        created = before.outcome is Outcome.CREATED
        return msgspec.structs.replace(before, fields=[] if created else fields)

    def to_text(self) -> str:
        """Return a line for people."""
        if self.outcome is Outcome.REFUSED:
            column = f" ({self.column})" if self.column else ""
            part = f"; a part was taken: {self.id}" if self.id else ""
            return f"row {self.row}: refused{column}: {self.sentence} [{self.reason}]{part}"
        fields = f": {', '.join(self.fields)}" if self.fields else ""
        return f"row {self.row}: {self.outcome}{fields}"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The account of one import: each row of the file is in it once."""

    kind: str
    file: str
    dry_run: bool
    """Everything was decided, nothing appended."""
    events: int
    """Events of this run; of a dry run, those that there would have been."""
    results: Sequence[Result]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows came out how."""
        counted = Counter(result.outcome.value for result in self.results)
        return {outcome.value: counted[outcome.value] for outcome in Outcome}

    def to_json(self) -> bytes:
        """Return the report for a program."""
        return msgspec.json.encode({**msgspec.to_builtins(self), "counts": self.counts})

    def to_text(self) -> str:
        """Return the report for people; rows that nothing happened to are only counted."""
        shown = [one.to_text() for one in self.results if one.outcome is not Outcome.UNCHANGED]
        counted = ", ".join(f"{count} {outcome}" for outcome, count in self.counts.items())
        end = " (dry run: nothing was recorded)" if self.dry_run else ""
        return "\n".join([*shown, f"{self.file}: {counted}; {self.events} events{end}"])
