"""Checks of plain text values, used by every slice in the same words."""

import re
from collections.abc import Iterable

from domain.errors import Invalid

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.(?!-)[a-z0-9-]{1,63})+")


class TextMissing(Invalid):
    """`{name}` must not be empty."""


class TextTooLong(Invalid):
    """`{name}` has {length} characters; at most {limit} are allowed."""


class EmailInvalid(Invalid):
    """`{name}` is not an e-mail address: {value!r}."""


class DomainInvalid(Invalid):
    """`{name}` is not a domain name: {value!r}."""


def require_text(name: str, value: str, *, limit: int) -> str:
    """Return the text without surrounding blanks; raises `TextMissing` or `TextTooLong`."""
    text = limit_text(name, value, limit=limit)
    if not text:
        raise TextMissing(name=name)
    return text


def limit_text(name: str, value: str, *, limit: int) -> str:
    """Return the text, possibly empty, without surrounding blanks; raises `TextTooLong`."""
    text = value.strip()
    if len(text) > limit:
        raise TextTooLong(name=name, length=len(text), limit=limit)
    return text


def require_email(name: str, value: str) -> str:
    """Return the address in lower case; raises `EmailInvalid`."""
    email = value.strip().lower()
    if len(email) > 254 or not _EMAIL.fullmatch(email):  # noqa: PLR2004 - RFC 5321 §4.5.3.1.3
        raise EmailInvalid(name=name, value=value)
    return email


def require_domains(name: str, values: Iterable[str]) -> tuple[str, ...]:
    """Return the domain names in lower case, sorted, once each; raises `DomainInvalid`."""
    domains = sorted({value.strip().lower().removeprefix("@") for value in values})
    for domain in domains:
        if len(domain) > 253 or not _DOMAIN.fullmatch(domain):  # noqa: PLR2004 - RFC 1035 §2.3.4
            raise DomainInvalid(name=name, value=domain)
    return tuple(domains)
