"""What the description standard of 1 September 2004 demands, and a reader that knows only that."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

COLUMN: Final = "(Name, Description?, (Numeric | (AlphaNumeric, MaxLength?) | Date), Map*)"
MODELS: Final = {
    "Alias": "(From, To)",
    "DataSet": "(Extension*, Version, DataSupplier?, Command*, Media+, Command*)",
    "DataSupplier": "(Name, Location, Comment)",
    "Date": "(Format?)",
    "ForeignKey": "(Name+, References, Alias*)",
    "Map": "(Description?, From, To)",
    "Media": "(Name, Command*, Table*, Command*, AcceptNoTables?)",
    "Numeric": "((ImpliedAccuracy | Accuracy)?)",
    "Range": "(From, (To | Length)?)",
    "Table": (
        "(URL, Name?, Description?, Validity?, (ANSI | Macintosh | OEM | UTF16 | UTF7 | UTF8)?, "
        "(DecimalSymbol, DigitGroupingSymbol)?, SkipNumBytes?, Range?, Epoch?, "
        "(VariableLength | FixedLength))"
    ),
    "Validity": "(Range, Format?)",
    "VariableColumn": COLUMN,
    "VariableLength": (
        "(ColumnDelimiter?, RecordDelimiter?, TextEncapsulator?, "
        "((VariablePrimaryKey+, VariableColumn*) | (VariableColumn+)), ForeignKey*)"
    ),
    "VariablePrimaryKey": COLUMN,
}
"""What may stand in an element that has others in it, of all that a package can use."""
EMPTY: Final = {"AlphaNumeric", "UTF8"}

Rows = list[dict[str, Any]]


def misplaced(root: ET.Element) -> list[str]:
    """The elements whose content the standard does not allow, from the top down."""
    return [element.tag for element in root.iter() if not is_allowed(element)]


def is_allowed(element: ET.Element) -> bool:
    """Tell whether what is in an element may be there."""
    inside = "".join(f"{child.tag} " for child in element)
    if element.tag in MODELS:
        # The model is a regular expression of the children's names, written otherwise.
        model = re.sub(r"\w+", r"(?:\g<0> )", MODELS[element.tag].replace(" ", ""))
        return re.fullmatch(model.replace(",", ""), inside) is not None
    return not inside and not (element.tag in EMPTY and element.text)


def read_package(folder: Path) -> dict[str, Rows]:
    """All tables by their names, read as `index.xml` says and not otherwise."""
    root = ET.parse(folder / "index.xml").getroot()
    return {text(each, "Name"): list(read_table(folder, each)) for each in root.iter("Table")}


def read_table(folder: Path, table: ET.Element) -> Iterator[dict[str, Any]]:
    """The rows of one table, each value of the type that its column has."""
    form = table.find("VariableLength")
    assert form is not None
    assert table.find("UTF8") is not None
    content = (folder / text(table, "URL")).read_bytes().decode("utf-8")
    end = text(form, "RecordDelimiter")
    records = csv.reader(
        io.StringIO(content, newline=""),
        delimiter=text(form, "ColumnDelimiter"),
        quotechar=text(form, "TextEncapsulator"),
        strict=True,
    )
    columns = [each for each in form if each.tag in ("VariablePrimaryKey", "VariableColumn")]
    skipped = int(text(table, "Range/From")) - 1
    count = 0
    for count, cells in enumerate(records, 1):
        assert len(cells) == len(columns)
        if count > skipped:
            yield {text(c, "Name"): value(table, c, v) for c, v in zip(columns, cells, strict=True)}
    assert content.count(end) == count  # Also for who takes no notice of quotes.
    assert content.endswith(end)


def value(table: ET.Element, column: ET.Element, cell: str) -> Any:
    """The value of a cell, None for an empty one that is no text."""
    if column.find("AlphaNumeric") is not None:
        return cell
    if not cell:
        return None
    if column.find("Numeric") is not None:
        assert text(column, "Numeric/Accuracy") == "0"
        return int(cell.replace(text(table, "DigitGroupingSymbol"), ""))
    assert text(column, "Date/Format") == "DD.MM.YYYY"
    return datetime.strptime(cell, "%d.%m.%Y").date()  # noqa: DTZ007 - a day has no zone


def text(element: ET.Element, path: str) -> str:
    """The text of the one element at a path."""
    (found,) = element.findall(path)
    return found.text or ""
