"""Rules for plain text values, in the same words everywhere; each names the field it refuses."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final

from domain.errors import Invalid

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_LONGEST_EMAIL: Final = 254
"""RFC 5321 §4.5.3.1.3: a path of 256 characters, without its angle brackets."""
_LONGEST_DOMAIN: Final = 253
"""RFC 1035 §2.3.4: a name of 255 octets, as it is written."""
_FEWEST_LABELS: Final = 2
_LONGEST_LABEL: Final = 63
"""RFC 1035 §2.3.4."""


class TextMissing(Invalid):
    """`{name}` must not be empty."""


class TextTooLong(Invalid):
    """`{name}` has {length} characters; at most {limit} are allowed."""


class EmailInvalid(Invalid):
    """`{name}` is not an e-mail address: {value!r}."""


class DomainInvalid(Invalid):
    """`{name}` is not a domain name: {value!r}."""


@dataclass(frozen=True)
class Line:
    """The rule for a text that must not be empty: `name: Annotated[str, Line(200)]`."""

    limit: int

    def __call__(self, name: str, value: str) -> str:
        """Return the text without surrounding blanks; raises `TextMissing` or `TextTooLong`."""
        return require_text(name, value, limit=self.limit)


@dataclass(frozen=True)
class Text:
    """The rule for a text that may be empty: `notes: Annotated[str, Text(2000)]`."""

    limit: int

    def __call__(self, name: str, value: str) -> str:
        """Return the text without surrounding blanks; raises `TextTooLong`."""
        return limit_text(name, value, limit=self.limit)


Name = Annotated[str, Line(200)]
"""What a record is called."""


def require_text(name: str, value: str, *, limit: int) -> str:
    """Return the text without surrounding blanks; raises `TextMissing` or `TextTooLong`."""
    text = limit_text(name, value, limit=limit)
    if not text:
        raise TextMissing(name=name)
    return text


def limit_text(name: str, value: str, *, limit: int) -> str:
    """Return the text, possibly empty, without surrounding blanks; raises `TextTooLong`."""
    text = value.strip()
    require_length(name, text, limit=limit)
    return text


def require_length(name: str, value: str, *, limit: int) -> None:
    """Raise `TextTooLong` unless the text, as it is, keeps within the limit."""
    if len(value) > limit:
        raise TextTooLong(name=name, length=len(value), limit=limit)


def require_email(name: str, value: str) -> str:
    """Return the address in lower case; raises `EmailInvalid`."""
    email = value.strip().lower()
    if len(email) > _LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise EmailInvalid(name=name, value=value)
    return email


def optional_email(name: str, value: str) -> str:
    """Return the address in lower case, or nothing for blanks; raises `EmailInvalid`."""
    return require_email(name, value) if value.strip() else ""


def require_domains(name: str, values: Iterable[str]) -> tuple[str, ...]:
    """Return the domain names in lower case, sorted, once each; raises `DomainInvalid`."""
    domains = sorted({value.strip().lower().removeprefix("@") for value in values})
    for domain in domains:
        if len(domain) > _LONGEST_DOMAIN or not _are_labels(domain.split(".")):
            raise DomainInvalid(name=name, value=domain)
    return tuple(domains)


def _are_labels(texts: list[str]) -> bool:
    return len(texts) >= _FEWEST_LABELS and all(map(_is_label, texts))


def _is_label(text: str) -> bool:
    # Letters of any script with their marks (RFC 5890), digits, and hyphens in between.
    known = all(
        c.isalpha() or c in "0123456789-" or unicodedata.category(c)[0] == "M" for c in text
    )
    return known and 1 <= len(text) <= _LONGEST_LABEL and "-" not in (text[0], text[-1])
