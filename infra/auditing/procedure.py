"""Describes the procedure, in German and in English, from what the program and the database say."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from importlib.metadata import version
from importlib.resources import files
from itertools import groupby
from string import Template
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg

from commands.table import TABLE as COMMANDS
from domain.actors import Role
from domain.catalogue import AGGREGATES
from eventstore.contract.describe import describe_all
from eventstore.contract.meanings import sentence_of
from eventstore.contract.page import section
from eventstore.export.spans import Extent, Span
from infra.auditing import events, seals
from infra.auditing.drafts import SUMS
from infra.auditing.sheets import instant
from infra.auditing.standard import DTD
from infra.auditing.tables import HISTORY, JOURNAL, TABLES
from readapi.table import TABLE as QUERIES

GERMAN: Final = "verfahrensdokumentation.md"
ENGLISH: Final = "procedure.md"
EVENTS: Final = "events.md"
MIGRATIONS: Final = "select name, checksum, applied_at from es.migrations order by name"
SERIES: Final = "select series from es.numbers order by series"

Two = tuple[str, str]
"""The same in German and in English."""

ROLES: Final[dict[Role, Two]] = {
    Role.ADMIN: ("richtet ein und darf alles", "sets the platform up, and may do everything"),
    Role.TECHNICIAN: ("bearbeitet Tickets und Stammdaten", "works on tickets and master data"),
    Role.CUSTOMER: ("Person eines Kunden, sieht nur dessen Daten", "sees one customer's data only"),
    Role.AUDITOR: ("liest alles und ändert nichts", "reads everything and changes nothing"),
    Role.INTEGRATION: ("ein Programm, mit den Rechten von admin", "a program, with admin's rights"),
}
FILES: Final[dict[str, Two]] = {
    "index.xml": (
        "Beschreibung der Tabellen für Prüfprogramme",
        "describes the tables to programs",
    ),
    DTD: ("Aufbau von index.xml (Beschreibungsstandard)", "the form of index.xml"),
    JOURNAL.file: (JOURNAL.german, JOURNAL.english),
    events.LINES: ("dasselbe als JSON, ein Ereignis je Zeile", "the same as JSON, an event a line"),
    HISTORY.file: (HISTORY.german, HISTORY.english),
    GERMAN: ("diese Beschreibung", "this description in German"),
    ENGLISH: ("diese Beschreibung auf Englisch", "this description"),
    EVENTS: ("alle Arten von Ereignissen mit ihren Feldern", "all kinds of events, their fields"),
    seals.SEALS: ("die Siegel des Bereichs, mit Unterschriften", "the seals, with signatures"),
    seals.CHANGES: (
        "frühere Siegel, die den Schlüssel wechseln",
        "earlier seals that change the key",
    ),
    seals.FIRST_KEY: ("öffentlicher Schlüssel des ersten Siegels", "public key of the first seal"),
    seals.KEYS: ("öffentliche Schlüssel dieser Siegel", "public keys of these seals"),
    f"proofs/{seals.CHECK}": ("prüft einen Einzelnachweis", "checks the proof of one event"),
    "proofs/proof-*.json": ("Einzelnachweise, sofern verlangt", "proofs of events, if asked for"),
    "verify.txt": ("Ergebnis der Prüfung bei der Ausgabe", "result of the verification"),
    "manifest.json": ("Bereich, Zeitpunkt und Anzahlen", "span, time and counts"),
    SUMS: ("SHA-256 aller anderen Dateien", "SHA-256 of all other files"),
}


class Described(NamedTuple):
    """What the documents are about."""

    log: UUID
    span: Span
    extent: Extent


def documents(connection: psycopg.Connection[Any], about: Described) -> Iterator[tuple[str, str]]:
    """Yield the documents, each with its name; they say the same as often as they are made."""
    migrations = connection.execute(MIGRATIONS).fetchall()
    series = ", ".join(f"`{name}`" for (name,) in connection.execute(SERIES).fetchall())
    plain = {
        "release": version("psa-platform"),
        "log": str(about.log),
        "first": str(about.span.first),
        "last": str(about.span.last),
        "begins": instant(about.extent.begins),
        "ends": instant(about.extent.ends),
        "series": series,
    }
    for language, name in enumerate((GERMAN, ENGLISH)):
        template = (files("infra.auditing") / name).read_text(encoding="utf-8")
        made = _generated(language, migrations)
        yield name, Template(template).substitute(plain | made)
    yield EVENTS, catalogue()


def catalogue() -> str:
    """Return all kinds of events with their fields, as the program's own page has them."""
    sentences = {kind.TOPIC: sentence_of(kind) for kind in AGGREGATES}
    parts = [
        f"# Events\n\nAll kinds of events that psa-platform {version('psa-platform')} knows.\n"
    ]
    for record, found in groupby(describe_all(AGGREGATES), lambda event: event.record):
        parts.append(f"## {record}\n\n{sentences[record]}\n")
        parts += map(section, found)
    return "\n".join(parts)


def _generated(language: int, migrations: Sequence[tuple[Any, ...]]) -> dict[str, str]:
    def table(heads: Two, rows: Iterable[Sequence[str]]) -> str:
        return _table(heads[language].split("|"), rows)

    files = ((f"`{name}`", said[language]) for name, said in FILES.items())
    steps = ((name, f"`{checksum}`", instant(at)) for name, checksum, at in migrations)
    roles = ((f"`{role}`", said[language]) for role, said in ROLES.items())
    commands = ((f"`{each.route}`", _named(each.may)) for each in COMMANDS)
    queries = ((f"`GET {each.path}`", _named(each.may)) for each in QUERIES)
    return {
        "files": table(("Datei|Inhalt", "file|content"), files),
        "tables": "\n".join(_columns(language)),
        "migrations": table(
            ("Schritt|SHA-256|angewandt am", "migration|SHA-256|applied at"), steps
        ),
        "roles": table(("Rolle|Bedeutung", "role|meaning"), roles),
        "commands": table(
            ("Auftrag|Rollen, die ihn geben", "command|roles that give it"), commands
        ),
        "queries": table(("Abfrage|Rollen, die lesen", "query|roles that read it"), queries),
    }


def _columns(language: int) -> Iterator[str]:
    for table in TABLES:
        said = ((f"`{each.name}`", each[2 + language]) for each in table.columns)
        head = (("Spalte", "Inhalt"), ("column", "content"))[language]
        yield f"### {table.file}\n\n{_table(head, said)}"


def _named(roles: Collection[Role]) -> str:
    return ", ".join(role.value for role in Role if role in roles)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
