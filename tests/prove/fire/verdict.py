"""Holds what the writers know against what the log holds, in SQL, once nobody writes any more."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import msgspec
import psycopg

from tests.conftest import Database
from tests.eventstore.carried import broken
from tests.prove.fire.journal import Line, Sent, Told, read

TABLES: Final = """
    create schema proof;
    create table proof.sent (command_id uuid, events int, tried boolean);
    create table proof.told (command_id uuid, answer text, first bigint, last bigint);
"""
FACTS: Final = """
    create table proof.command as
    select command_id, max(events) as events, bool_or(tried) as tried
      from proof.sent group by command_id;

    create table proof.answer as
    select distinct command_id, answer, first, last from proof.told;

    create table proof.recorded as
    select (convert_from(metadata, 'UTF8')::json ->> 'command_id')::uuid as command_id,
           count(*) as events, min(position) as first, max(position) as last
      from es.events group by 1;

    analyze proof.command, proof.answer, proof.recorded;
"""
JUDGED: Final = """
    select
        (select coalesce(sum(recorded.events), 0) from proof.recorded),
        (select count(*) from proof.answer where answer = 'refused'),
        (select count(*) from proof.answer where answer = 'undone'),
        count(*) filter (where command.command_id is not null and not command.tried
                           and told.command_id is null),
        -- Told that it is there, and it is not, or not all of it.
        coalesce(sum(greatest(command.events - coalesce(recorded.events, 0), 0))
                 filter (where told.answer = 'appended'), 0),
        coalesce(sum(greatest(recorded.events - command.events, 0)), 0),
        -- Not whole, not in one piece, or not where somebody was told that it is.
        count(*) filter (where recorded.events < command.events
                            or recorded.last - recorded.first + 1 <> recorded.events
                            or told.answer = 'appended'
                               and (told.first, told.last)
                                   is distinct from (recorded.first, recorded.last)
                            or (kept.first_position, kept.last_position)
                               is distinct from (recorded.first, recorded.last)),
        -- Refused, taken back, or never sent.
        count(*) filter (where recorded.command_id is not null
                           and (told.answer <> 'appended' or command.tried
                                or command.command_id is null))
      from proof.command
      full join proof.recorded using (command_id)
      full join es.commands kept using (command_id)
      left join proof.answer told using (command_id)
"""


class Verdict(msgspec.Struct, frozen=True):
    """What became of everything that was sent; the last five have to be 0."""

    appended: int
    """Events in the log."""
    refused: int
    rollbacks: int
    unanswered: int
    """Commands of which nobody knows what became of them; they are in the log, whole, or not."""
    missed: int
    """Events that somebody was told are in the log, and are not."""
    doubled: int
    """Events that are in the log once more than they were sent."""
    torn: int
    """Commands that are in the log in part, in pieces, or elsewhere than somebody was told."""
    unwanted: int
    """Commands that are in the log though they were refused, taken back, or never sent."""
    disordered: int
    """Places where positions or versions do not follow each other."""

    @property
    def holds(self) -> bool:
        """Whether the log is as it was promised."""
        faults = self.missed, self.doubled, self.torn, self.unwanted, self.disordered
        return faults == (0, 0, 0, 0, 0)


def judge(database: Database, journals: Iterable[Path]) -> Verdict:
    """Return what became of all that the journals name."""
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute(TABLES.encode())
        for journal in journals:
            _load(owner, journal)
        owner.execute(FACTS.encode())
        row = owner.execute(JUDGED.encode()).fetchone()
    assert row is not None
    return Verdict(*map(int, [*row, len(broken(database))]))


def _load(owner: psycopg.Connection, journal: Path) -> None:
    for table, kind in (("sent", Sent), ("told", Told)):
        with owner.cursor() as cursor, cursor.copy(f"copy proof.{table} from stdin".encode()) as to:
            for line in read(journal):
                if isinstance(line, kind):
                    to.write_row(_row(line))


def _row(line: Line) -> tuple[Any, ...]:
    if isinstance(line, Sent):
        return line.command_id, len(line.events), line.tried
    return line.command_id, line.answer, line.first, line.last
