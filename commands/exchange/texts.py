"""The text in the bytes of a file that an office program has written."""

import codecs

from domain.errors import Invalid

ENCODINGS = ("utf-8", "cp1252")
"""What may be declared; without a declaration a file is UTF-8, or what its first bytes say."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WORKBOOK = b"PK\x03\x04"
"""The first bytes of a ZIP archive, which .xlsx, .ods and .zip are."""

_DECLARE = "if an older Windows program wrote it, say so with --encoding cp1252"
_SAVE = "save it as UTF-8"


class FileTooLarge(Invalid):
    """The file has {size} bytes; at most {limit} are read at once."""

    field = "file"


class FileIsArchive(Invalid):
    """The file is a workbook or an archive, not text; save it as CSV (UTF-8) first."""

    field = "file"


class FileNotText(Invalid):
    """Line {line} of the file is not {encoding}; {way_out}."""

    field = "file"


class EncodingUnknown(Invalid):
    """`encoding` is {known}, not {encoding!r}."""

    field = "encoding"


def decoded(data: bytes, encoding: str = "", *, limit: int) -> str:
    """Return the text, its first bytes (BOM) taken off; `limit` is in bytes.

    Raises `FileTooLarge`, `FileIsArchive`, `EncodingUnknown` or `FileNotText`. Windows-1252 is
    read only when it is declared: nearly any bytes are valid in it, so that guessing would store
    wrong letters without a word.
    """
    if encoding and encoding not in ENCODINGS:
        raise EncodingUnknown(known=" or ".join(ENCODINGS), encoding=encoding)
    if len(data) > limit:
        raise FileTooLarge(size=len(data), limit=limit)
    if data.startswith(_WORKBOOK):
        raise FileIsArchive
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return _text(data.removeprefix(mark), marked, _SAVE)
    return _text(data, encoding or "utf-8", _SAVE if encoding else _DECLARE)


def _text(data: bytes, encoding: str, way_out: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        read = data[: error.start].decode(encoding)
        raise FileNotText(line=_line(read), encoding=encoding, way_out=way_out) from error
    # UTF-16 without its mark, and most of what is no text at all, is full of NUL.
    if "\0" in text:
        read = text[: text.index("\0")]
        raise FileNotText(line=_line(read), encoding=encoding, way_out=_SAVE)
    return text


def _line(read: str) -> int:
    return read.count("\n") + 1
