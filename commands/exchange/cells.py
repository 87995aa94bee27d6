"""Cells that a spreadsheet must not take for formulas (OWASP, "CSV injection").

An apostrophe in front makes a cell text. Phone numbers get it too: without it a spreadsheet reads
+4930901820 as a sum, drops the plus and shows 4.93E+09, and the saved file has lost the number.
Plain negative numbers are left alone: they are no formulas, and people add them up.
"""

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NEGATIVE = re.compile(r"-[0-9]+([.,][0-9]+)?")


def guarded(value: str) -> str:
    """Return the value as a cell that is text to every spreadsheet.

    A value that looks guarded gets one apostrophe more, so that `unguarded` always gives it back.
    """
    formula = _FORMULA.match(value) and not _NEGATIVE.fullmatch(value)
    return f"'{value}" if formula else value


def unguarded(cell: str) -> str:
    """Return the value of a cell that `guarded` has made; others stay as they are."""
    return cell[1:] if _GUARDED.match(cell) else cell
