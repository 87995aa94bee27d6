"""Content lines, of which vCards are made: folding, parameters and escaping.

RFC 6350 §3 (vCard 4.0) and RFC 2426 (3.0); quoted-printable as vCard 2.1 has it.
"""

import quopri
import re
from collections.abc import Iterator, Mapping

import msgspec

from domain.errors import Invalid

_LINE = re.compile(
    r"(?:[A-Z0-9-]+\.)?(?P<name>[A-Z0-9-]+)(?P<parameters>(?:;(?:[^\":;]|\"[^\"]*\")*)*):",
    re.IGNORECASE,
)
_PARAMETER = re.compile(r";((?:[^\":;]|\"[^\"]*\")*)")
_TOKEN = re.compile(r"\\[\s\S]|[;,]|[^\\;,]+|\\")
_NEWLINE = re.compile(r"\r\n|\r|\n")
_ENCODINGS = {"QUOTED-PRINTABLE", "BASE64"}
_OCTETS = 75
"""The longest line, without its end (RFC 6350 §3.2)."""


class CardUnreadable(Invalid):
    """The vCard can not be read at line {line}: {problem}."""

    field = "file"


class ContentLine(msgspec.Struct, frozen=True):
    """A property: its name in capitals, its parameters, and its value still escaped."""

    number: int
    name: str
    parameters: Mapping[str, tuple[str, ...]]
    value: str


def content_lines(text: str) -> Iterator[ContentLine]:
    """Yield the properties of a text in their order; raises `CardUnreadable`."""
    for number, line in _unfolded(text):
        head = _LINE.match(line)
        if not head:
            raise CardUnreadable(line=number, problem="it has no property name and colon")
        parameters = _parameters(head["parameters"])
        value = line[head.end() :]
        if "QUOTED-PRINTABLE" in parameters.get("ENCODING", ()):
            value = _from_quoted_printable(value, parameters, number)
        yield ContentLine(number, head["name"].upper(), parameters, value)


def split_value(value: str, separator: str) -> list[str]:
    """Return the parts between separators that are not escaped, themselves still escaped."""
    parts: list[list[str]] = [[]]
    for token in _TOKEN.findall(value):
        if token == separator:
            parts.append([])
        else:
            parts[-1].append(token)
    return ["".join(part) for part in parts]


def unescaped(value: str) -> str:
    """Return a text without its escapes (RFC 6350 §3.4)."""
    return re.sub(r"\\([\s\S])", lambda found: "\n" if found[1] in "nN" else found[1], value)


def escaped(text: str) -> str:
    """Return a text as a value, any kind of line end as one escaped line feed."""
    return _NEWLINE.sub(r"\\n", re.sub(r"[\\;,]", r"\\\g<0>", text))


def folded(line: str) -> str:
    """Return a line with its end, in pieces of at most 75 octets, no letter torn apart."""
    pieces, octets = [""], 0
    for letter in line:
        size = len(letter.encode())
        if octets + size > _OCTETS:
            pieces.append(" ")
            octets = 1
        pieces[-1] += letter
        octets += size
    return "\r\n".join(pieces) + "\r\n"


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line with its number, continuations joined to it, blank ones left out."""
    number, pieces = 0, list[str]()
    for at, line in enumerate(_NEWLINE.split(text), start=1):
        soft_break = bool(pieces) and pieces[-1].endswith("=") and _is_quoted(pieces[0])
        if soft_break:
            pieces[-1] = pieces[-1].removesuffix("=")
            pieces.append(line)
        elif pieces and line[:1] in {" ", "\t"}:
            pieces.append(line[1:])
        else:
            if pieces:
                yield number, "".join(pieces)
            number, pieces = at, [line] if line.strip() else []
    if pieces:
        yield number, "".join(pieces)


def _is_quoted(line: str) -> bool:
    return "QUOTED-PRINTABLE" in line.partition(":")[0].upper()


def _parameters(text: str) -> dict[str, tuple[str, ...]]:
    """Return parameters by name in capitals; a bare one of vCard 2.1 is a TYPE or an ENCODING."""
    found: dict[str, tuple[str, ...]] = {}
    for parameter in _PARAMETER.findall(text):
        name, equals, value = parameter.replace('"', "").partition("=")
        if not equals:
            name, value = "ENCODING" if name.upper() in _ENCODINGS else "TYPE", name
        key = name.strip().upper()
        values = value.upper() if key == "ENCODING" else value
        found[key] = (*found.get(key, ()), *(one.strip() for one in values.split(",")))
    return found


def _from_quoted_printable(
    value: str, parameters: Mapping[str, tuple[str, ...]], number: int
) -> str:
    """Return the value as it was meant, with line feeds in it."""
    charset = next(iter(parameters.get("CHARSET", ())), "utf-8")
    try:
        text = quopri.decodestring(value.encode()).decode(charset)
    except (LookupError, ValueError) as error:
        raise CardUnreadable(line=number, problem=f"it is not {charset}") from error
    return _NEWLINE.sub("\n", text)
