"""The properties of one vCard, by name."""

import re
from collections.abc import Iterator, Sequence

from commands.exchange.cards import Labelled, PostalAddress
from commands.exchange.content_lines import CardUnreadable, ContentLine, split_value, unescaped

_VERSIONS = ("2.1", "3.0", "4.0")
_UNSAID = {"pref", "internet", ""}
"""Types that are kept otherwise, or go without saying."""

_LITERAL = re.compile(r"\\(?![;,:])")
"""A backslash that means itself in vCard 2.1."""


class Properties:
    """The properties of the card that begins at a line; raises `CardUnreadable` without VERSION."""

    def __init__(self, number: int, lines: Sequence[ContentLine]) -> None:
        version = next((line.value.strip() for line in lines if line.name == "VERSION"), "")
        if version not in _VERSIONS:
            raise CardUnreadable(
                line=number, problem=f"its VERSION is not {' or '.join(_VERSIONS)}"
            )
        self._literal = version == "2.1"
        self._lines = lines

    def text(self, name: str) -> str:
        """Return the text of the first property of a name, or nothing."""
        return next((unescaped(value) for value, _ in self._named(name)), "")

    def parts(self, name: str, separator: str) -> list[str]:
        """Return the texts in the first property of a name, divided by the separator."""
        values = (split_value(value, separator) for value, _ in self._named(name))
        return [unescaped(part) for part in next(values, [])]

    def components(self, name: str, count: int, joint: str) -> Iterator[list[str]]:
        """Yield for each property of a name its components, lists in them joined."""
        for value, _ in self._named(name):
            parts = [
                joint.join(map(unescaped, split_value(part, ",")))
                for part in split_value(value, ";")
            ]
            yield (parts + [""] * count)[:count]

    def labelled(self, name: str, scheme: str) -> Iterator[Labelled]:
        """Yield what the properties of a name say, without the scheme of a URI."""
        for value, line in self._named(name):
            text = re.sub(f"^{scheme}:", "", unescaped(value), flags=re.IGNORECASE)
            if text.strip():
                yield Labelled(text, _kinds(line), _is_preferred(line))

    def addresses(self) -> Iterator[PostalAddress]:
        """Yield the postal addresses; box and extension stand behind the street."""
        lines = [line for _, line in self._named("ADR")]
        for line, parts in zip(lines, self.components("ADR", 7, ", "), strict=True):
            box, extension, street, city, region, code, country = parts
            whole = ", ".join(part for part in (street, extension, box) if part)
            if any(parts):
                yield PostalAddress(
                    whole, city, region, code, country, _kinds(line), _is_preferred(line)
                )

    def _named(self, name: str) -> Iterator[tuple[str, ContentLine]]:
        for line in self._lines:
            if line.name == name:
                yield _LITERAL.sub(r"\\\\", line.value) if self._literal else line.value, line


def _kinds(line: ContentLine) -> tuple[str, ...]:
    types = (kind.lower() for kind in line.parameters.get("TYPE", ()))
    return tuple(dict.fromkeys(kind for kind in types if kind not in _UNSAID))


def _is_preferred(line: ContentLine) -> bool:
    types = {kind.lower() for kind in line.parameters.get("TYPE", ())}
    return "pref" in types or "1" in line.parameters.get("PREF", ())
