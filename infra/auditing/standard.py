"""The description standard for data carriers of German tax audits, in its form of 1 September 2004.

What may stand in what is a fact of the standard; the explanations of its authors are not repeated.
Readers look for the file beside `index.xml`.
"""

from typing import Final

DTD: Final = "gdpdu-01-09-2004.dtd"
_KEY: Final = "(Name, Description?, (Numeric | (AlphaNumeric, MaxLength?) | Date), Map*)"
_FIXED: Final = "(Name, Description?, (Numeric | AlphaNumeric | Date), Map*, FixedRange)"
_MODELS: Final = {
    "DataSet": "(Extension*, Version, DataSupplier?, Command*, Media+, Command*)",
    "Extension": "(Name, URL)",
    "DataSupplier": "(Name, Location, Comment)",
    # The standard says (Name, Command*, Table*, Command*, AcceptNoTables?), which allows the same
    # but is not deterministic (XML 1.0 appendix E): strict parsers refuse such a model.
    "Media": "(Name, Command*, (Table+, Command*)?, AcceptNoTables?)",
    "Table": (
        "(URL, Name?, Description?, Validity?, (ANSI | Macintosh | OEM | UTF16 | UTF7 | UTF8)?, "
        "(DecimalSymbol, DigitGroupingSymbol)?, SkipNumBytes?, Range?, Epoch?, "
        "(VariableLength | FixedLength))"
    ),
    "Validity": "(Range, Format?)",
    "Range": "(From, (To | Length)?)",
    "VariableLength": (
        "(ColumnDelimiter?, RecordDelimiter?, TextEncapsulator?, "
        "((VariablePrimaryKey+, VariableColumn*) | (VariableColumn+)), ForeignKey*)"
    ),
    "VariablePrimaryKey": _KEY,
    "VariableColumn": _KEY,
    "FixedLength": (
        "((Length | RecordDelimiter)?, "
        "((FixedPrimaryKey+, FixedColumn*) | (FixedColumn+)), ForeignKey*)"
    ),
    "FixedPrimaryKey": _FIXED,
    "FixedColumn": _FIXED,
    "FixedRange": "(From, (To | Length))",
    "ForeignKey": "(Name+, References, Alias*)",
    "Alias": "(From, To)",
    "Map": "(Description?, From, To)",
    "Numeric": "((ImpliedAccuracy | Accuracy)?)",
    "Date": "(Format?)",
}
_EMPTY: Final = ("AlphaNumeric", "ANSI", "Macintosh", "OEM", "UTF16", "UTF7", "UTF8")
_TEXTS: Final = (
    *("AcceptNoTables", "Accuracy", "ColumnDelimiter", "Command", "Comment", "DecimalSymbol"),
    *("Description", "DigitGroupingSymbol", "Epoch", "Format", "From", "ImpliedAccuracy"),
    *("Length", "Location", "MaxLength", "Name", "RecordDelimiter", "References"),
    *("SkipNumBytes", "TextEncapsulator", "To", "URL", "Version"),
)


def declarations() -> str:
    """Return the declarations of all elements, as a DTD."""
    models = _MODELS | dict.fromkeys(_EMPTY, "EMPTY") | dict.fromkeys(_TEXTS, "(#PCDATA)")
    lines = [f"<!ELEMENT {name} {model}>\n" for name, model in models.items()]
    return "".join(['<?xml version="1.0" encoding="UTF-8"?>\n', *lines])
