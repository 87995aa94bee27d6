"""What a package says about itself: `manifest.json`, and `verify.txt` with the findings."""

from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from typing import Final, Self

import msgspec

from eventstore.sealing.verify import Report
from infra.auditing.events import Written
from infra.auditing.procedure import Described
from infra.auditing.sheets import instant

MANIFEST: Final = "manifest.json"
VERIFIED: Final = "verify.txt"


class Verification(msgspec.Struct, frozen=True):
    """What the verification at the export has found."""

    intact: bool
    verdict: str
    findings: Sequence[str]
    """What else is wrong, as sentences; the first hundred of a kind."""
    warnings: Sequence[str]


class Counts(msgspec.Struct, frozen=True):
    """How much is in the files."""

    events: int
    by_topic: dict[str, int]
    master_data_changes: int
    seals: int
    proofs: int

    @classmethod
    def of(cls, written: Written, seals: int, proofs: int) -> Self:
        """Return the counts of what was written."""
        topics = dict(sorted(written.topics.items()))
        return cls(written.topics.total(), topics, written.changes, seals, proofs)


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of which log a package has, and when it was made."""

    format: str = "psa-audit-package"
    version: int = 1
    release: str
    log: str
    first_position: int
    last_position: int
    recorded_from: str
    recorded_to: str
    head_position: int
    """Where the log ended when the export began."""
    exported_at: str
    exported_at_epoch: int
    """The same in seconds since 1970-01-01 00:00 UTC."""
    counts: Counts
    verification: Verification


def verification(
    report: Report, verdict: str, findings: Sequence[str], warnings: Sequence[str]
) -> Verification:
    """Return what was found; a log of which nothing was compared is not proved to be intact."""
    intact = report.problem is None and report.events > 0 and not findings
    return Verification(intact, verdict, findings, warnings)


def manifest(about: Described, counts: Counts, verified: Verification, now: datetime) -> str:
    """Return the text of the manifest."""
    made = Manifest(
        release=version("psa-platform"),
        log=str(about.log),
        first_position=about.span.first,
        last_position=about.span.last,
        recorded_from=instant(about.extent.begins),
        recorded_to=instant(about.extent.ends),
        head_position=about.extent.head,
        exported_at=instant(now),
        exported_at_epoch=int(now.timestamp()),
        counts=counts,
        verification=verified,
    )
    return msgspec.json.format(msgspec.json.encode(made)).decode() + "\n"


def report(verified: Verification, about: Described, now: datetime) -> str:
    """Return the text of the verification: its verdict in the first line."""
    made = (
        f"Positions {about.span.first} to {about.span.last} of log {about.log}, verified at "
        f"{instant(now)} by psa-platform {version('psa-platform')}."
    )
    lines = [
        verified.verdict,
        *verified.findings,
        *(f"Warning: {each}." for each in verified.warnings),
        "",
        made,
    ]
    return "\n".join(lines) + "\n"
