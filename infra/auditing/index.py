"""Writes `index.xml`: how an auditor's program reads the tables, by the description standard."""

from collections.abc import Sequence
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

from eventstore.export.spans import Extent, Span
from infra.auditing.sheets import RECORD_END, SEPARATOR, day
from infra.auditing.standard import DTD
from infra.auditing.tables import Column, Table, Type

DAY_FORMAT: Final = "DD.MM.YYYY"
_ENDS_OF_LINES: Final = {"\r": "&#13;", "\n": "&#10;"}


class Supplier(NamedTuple):
    """Who hands the data over."""

    name: str
    location: str
    comment: str


class _Element(NamedTuple):
    name: str
    content: "str | Sequence[_Element]" = ""


def index(tables: Sequence[Table], span: Span, extent: Extent, supplier: Supplier) -> str:
    """Return the file that describes these tables, in the order that the standard demands."""
    told = [_Element(name.capitalize(), text) for name, text in supplier._asdict().items()]
    media = [
        _Element("Name", f"Journal {span.first}-{span.last}"),
        *(_table(table, extent) for table in tables),
    ]
    whole = _Element(
        "DataSet",
        [_Element("Version", "1.0"), _Element("DataSupplier", told), _Element("Media", media)],
    )
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE DataSet SYSTEM "{DTD}">\n'
    return head + _written(whole, "")


def _table(table: Table, extent: Extent) -> _Element:
    days = [_Element("From", day(extent.begins)), _Element("To", day(extent.ends))]
    return _Element(
        "Table",
        [
            _Element("URL", table.file),
            _Element("Name", table.name),
            _Element("Description", table.german),
            _Element("Validity", [_Element("Range", days), _Element("Format", DAY_FORMAT)]),
            _Element("UTF8"),
            _Element("DecimalSymbol", ","),
            _Element("DigitGroupingSymbol", "."),
            # The first line has the names of the columns.
            _Element("Range", [_Element("From", "2")]),
            _Element("VariableLength", _columns(table)),
        ],
    )


def _columns(table: Table) -> list[_Element]:
    columns = [
        _Element("VariablePrimaryKey" if place < table.keys else "VariableColumn", _column(column))
        for place, column in enumerate(table.columns)
    ]
    references = []
    if table.refers is not None:
        column, other = table.refers
        references = [
            _Element("ForeignKey", [_Element("Name", column), _Element("References", other)])
        ]
    return [
        _Element("ColumnDelimiter", SEPARATOR),
        _Element("RecordDelimiter", RECORD_END),
        _Element("TextEncapsulator", '"'),
        *columns,
        *references,
    ]


def _column(column: Column) -> list[_Element]:
    match column.type:
        case Type.NUMBER:
            kind = _Element("Numeric", [_Element("Accuracy", "0")])
        case Type.DAY:
            kind = _Element("Date", [_Element("Format", DAY_FORMAT)])
        case Type.TEXT:
            kind = _Element("AlphaNumeric")
    return [_Element("Name", column.name), _Element("Description", column.german), kind]


def _written(element: _Element, indent: str) -> str:
    name, content = element
    if not content:
        return f"{indent}<{name}/>\n"
    if isinstance(content, str):
        return f"{indent}<{name}>{escape(content, _ENDS_OF_LINES)}</{name}>\n"
    inside = "".join(_written(each, f"{indent}  ") for each in content)
    return f"{indent}<{name}>\n{inside}{indent}</{name}>\n"
