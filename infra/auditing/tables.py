"""The tables of the package and what is in each column, for files, `index.xml` and documents."""

from enum import StrEnum
from typing import Final, NamedTuple


class Type(StrEnum):
    """What a column holds."""

    TEXT = "text"
    NUMBER = "number"
    """A whole number, without a sign and without digit groups."""
    DAY = "day"
    """DD.MM.YYYY, in UTC."""


class Column(NamedTuple):
    """One column, and what it means in German and in English."""

    name: str
    type: Type
    german: str
    english: str


class Table(NamedTuple):
    """One CSV file; the first `keys` columns name a row."""

    file: str
    name: str
    german: str
    english: str
    keys: int
    columns: tuple[Column, ...]
    refers: tuple[str, str] | None = None
    """A column, and the name of the table whose key it holds."""


_TEXT, _NUMBER, _DAY = Type.TEXT, Type.NUMBER, Type.DAY

_WHEN: Final = (
    Column("recorded_on", _DAY, "Tag der Aufzeichnung (UTC)", "day of recording (UTC)"),
    Column(
        "recorded_at",
        _TEXT,
        "Zeitpunkt der Aufzeichnung, ISO 8601 in UTC",
        "instant of recording, ISO 8601 in UTC",
    ),
    Column("happened_on", _DAY, "Tag des Geschehens (UTC)", "day on which it happened (UTC)"),
    Column(
        "happened_at",
        _TEXT,
        "Zeitpunkt des Geschehens, ISO 8601 in UTC",
        "instant at which it happened, ISO 8601 in UTC",
    ),
)
_POSITION: Final = Column(
    "position",
    _NUMBER,
    "Stelle im gesamten Journal, lückenlos ab 1",
    "place in the whole log, from 1 on without gaps",
)
_RECORD: Final = (
    Column("record_kind", _TEXT, "Art des Datensatzes", "kind of the record"),
    Column(
        "record_number",
        _TEXT,
        "Nummer des Datensatzes nach dem Ereignis, sofern er eine hat",
        "number of the record after the event, if it has one",
    ),
    Column(
        "record_name",
        _TEXT,
        "Bezeichnung des Datensatzes nach dem Ereignis",
        "name of the record after the event",
    ),
)
_STREAM: Final = Column("stream_id", _TEXT, "Kennung des Datensatzes", "id of the record")
_EVENT: Final = Column("event_id", _TEXT, "Kennung des Ereignisses", "id of the event")
_ACTOR: Final = Column("actor", _TEXT, "Wer gehandelt hat", "who acted")

JOURNAL: Final = Table(
    file="journal.csv",
    name="Journal",
    german="Alle Ereignisse in der Reihenfolge ihrer Aufzeichnung",
    english="all events in the order in which they were recorded",
    keys=1,
    columns=(
        _POSITION,
        *_WHEN,
        _STREAM,
        Column("version", _NUMBER, "Stelle im Datensatz, ab 1", "place in the record, from 1 on"),
        _EVENT,
        Column("topic", _TEXT, "Art des Ereignisses", "what kind of event it is"),
        Column("class_version", _NUMBER, "Fassung der Nutzdaten", "version of the payload's shape"),
        *_RECORD,
        _ACTOR,
        Column("command_id", _TEXT, "Kennung des Auftrags", "id of the command"),
        Column("correlation_id", _TEXT, "Kennung des Vorgangs", "id of the whole transaction"),
        Column("causation_id", _TEXT, "Auslösendes Ereignis", "the event that led to it"),
        Column(
            "source",
            _TEXT,
            "Herkunft eingelesener Daten, JSON",
            "where imported data came from, JSON",
        ),
        Column("payload", _TEXT, "Nutzdaten, JSON", "payload, JSON"),
        Column("leaf", _TEXT, "SHA-256 der gespeicherten Zeile", "SHA-256 of the stored row"),
    ),
)

HISTORY: Final = Table(
    file="master_data_history.csv",
    name="Stammdatenhistorie",
    german="Jede Änderung jedes Feldes der Stammdaten",
    english="every change of every field of master data",
    keys=2,
    columns=(
        _POSITION,
        Column("field", _TEXT, "Feld", "field"),
        *_WHEN,
        _RECORD[0],
        _STREAM,
        *_RECORD[1:],
        Column("value_before", _TEXT, "Wert davor, leer wenn keiner", "value before, if any"),
        Column("value_after", _TEXT, "Wert danach, leer wenn keiner", "value after, if any"),
        Column("topic", _TEXT, "Art des Ereignisses", "what kind of event it was"),
        _ACTOR,
        _EVENT,
    ),
    refers=("position", JOURNAL.name),
)

TABLES: Final = (JOURNAL, HISTORY)
