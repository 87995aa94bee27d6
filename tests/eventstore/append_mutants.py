"""Ways in which es.append could be wrong; each is a change of its text, applied to a log."""

from typing import Final

import psycopg

from eventstore.migrate import migrations
from tests.conftest import Database

BEGIN, END = "create function es.append(", "\nend $$;\n"

MUTANTS: Final[dict[str, list[tuple[str, str]]]] = {
    "no version is checked": [
        ("where e.version <> 1 + coalesce(", "where false and 0 <> coalesce(")
    ],
    "the first position of a batch stays free": [
        ("select head + row_number()", "select head + 1 + row_number()")
    ],
    "the events of a batch are sorted by stream": [
        (
            "row_number() over (order by e.command, e.place) as position",
            "row_number() over (order by e.stream_id, e.version) as position",
        )
    ],
    "positions are given out without the lock": [
        ("perform pg_advisory_xact_lock(20251);", ""),
        ("into head from es.events e;", "into head from es.events e; perform pg_sleep(0.01);"),
    ],
    "a known command is not recognized": [
        ("and (select true from es.commands c where c.command_id = n.command_id)", "and false")
    ],
    "a command is not recognized within its own batch": [
        ("where n.occurrence > 1", "where n.occurrence > 2")
    ],
    "whoever knows an id gets its answer": [
        ("case when c.request_hash = request_hashes[n.command]", "case when true")
    ],
    "a repeated command is appended again": [
        ("and e.command < stop and e.command <> all (known)", "and e.command < stop")
    ],
    "a repeated command hears of its first event only": [
        ("c.first_position, c.last_position, null", "c.first_position, c.first_position, null")
    ],
    "a conflict tells the version that was expected": [
        ("r.stream_id, coalesce(r.version, 0)", "r.stream_id, r.lowest - 1")
    ],
    "a conflict names the last stream": [
        ("order by f.place) as turn", "order by f.place desc) as turn")
    ],
    "a stream counts its commands": [
        ("set version = excluded.version", "set version = s.version + 1")
    ],
    "a stream that is there keeps its version": [
        ("set version = excluded.version", "set version = s.version")
    ],
    "a refused command leaves its streams": [
        (
            "get diagnostics refused = row_count;",
            """get diagnostics refused = row_count;
        insert into es.streams select stream_ids[1], 0, 0, 0 on conflict do nothing;""",
        )
    ],
    "a new stream may begin anywhere": [
        ("case when any_first then e.version - 1 else 0 end", "e.version - 1")
    ],
}


def apply(mutant: str, database: Database) -> None:
    """Put the mutant of es.append in the place of the right one."""
    text = next(m.sql for m in migrations() if BEGIN in m.sql)
    function = text[text.index(BEGIN) : text.index(END, text.index(BEGIN)) + len(END)]
    for old, new in MUTANTS[mutant]:
        assert function.count(old) == 1, f"{old} is not in es.append once"
        function = function.replace(old, new)
    with psycopg.connect(database.owner_url) as owner:
        owner.execute(function.replace("create function", "create or replace function").encode())
