"""Phone numbers, kept as E.164 writes them: a plus, the country code and the number, no blanks.

How people write them: ITU-T E.123 and DIN 5008. Trunk prefixes: ITU-T, "Dialling procedures".
"""

import re
import unicodedata

from domain.errors import Invalid

_WITHOUT_ZERO = ("31", "32", "33", "41", "43", "44", "49")
"""Countries where no number begins with the zero that is dialled inside the country."""

_WITH_ZERO = ("39", "378")
"""Italy, San Marino: the zero in front is part of the number, dialled from abroad too."""

_NATIONAL = {
    "DE": (re.compile(r"0([1-9][0-9]+)"), "+49", "030 901820"),
    "AT": (re.compile(r"0([1-9][0-9]+)"), "+43", "01 58900"),
    "CH": (re.compile(r"0([1-9][0-9]{8})"), "+41", "044 668 18 00"),
    "LI": (re.compile(r"([2-9][0-9]{6}|6[0-9]{8})"), "+423", "236 61 11"),
}
"""How numbers are dialled inside the country, what replaces the trunk prefix, and an example."""

_SEPARATORS = re.compile(r"[\s/().\u2010-\u2015-]+")
_MARKED_ZERO = re.compile(r"^(\W*(?:00)?\W*([1-9][0-9]{0,2})\W*)\(\s*0\s*\)")
"""A zero in parentheses behind the country code: a trunk prefix that E.123 would not write."""

_EXTENSION = re.compile(
    r"[0-9)][\s,;]*(#|e?xt|extn|extension|x|app|apparat|nst|nebenstelle|dw|durchwahl|kl|klappe)"
    r"\W*[0-9]",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"[0-9]+")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_LONGEST = 60
"""No way of writing 15 digits takes more characters; also bounds the work of the patterns."""


class PhoneInvalid(Invalid):
    """`{name}` is not a phone number of 7 to 15 digits, e.g. +49 30 901820: {value!r}."""


class PhoneCountryMissing(Invalid):
    """`{name}` lacks the country code: {value!r}; write it like +49 30 901820."""


class PhoneExtended(Invalid):
    """`{name}` has an extension: {value!r}; write the direct number, the extension elsewhere."""


class PhoneNotNational(Invalid):
    """`{name}` is not dialled like that in {country}: {value!r}; write it like {example}."""


def require_phone(name: str, value: str) -> str:
    """Return the number in E.164, e.g. +4930901820.

    Raises `PhoneCountryMissing`, `PhoneExtended` (E.164 has no extensions) or `PhoneInvalid`.
    """
    number = _dialled(name, value)
    if _DIGITS.fullmatch(number):
        raise PhoneCountryMissing(name=name, value=value)
    if not _E164.fullmatch(number):
        raise PhoneInvalid(name=name, value=value)
    return number


def national_phone(name: str, value: str, *, country: str) -> str:
    """Return the number in E.164, given the country (ISO 3166-1) in which it was written down.

    A number with a country code keeps it. Raises `PhoneNotNational` for one without area code,
    and `PhoneCountryMissing` outside of DE, AT, CH and LI: nothing is guessed.
    """
    number = _dialled(name, value)
    if country not in _NATIONAL or not _DIGITS.fullmatch(number):
        return require_phone(name, value)
    pattern, code, example = _NATIONAL[country]
    national = pattern.fullmatch(number)
    if not national:
        raise PhoneNotNational(name=name, country=country, value=value, example=example)
    return require_phone(name, code + national[1])


def _dialled(name: str, value: str) -> str:
    """Return the number without what is only there for the eye; a leading 00 is a plus."""
    if len(value) > _LONGEST:
        raise PhoneInvalid(name=name, value=value)
    # Address books put marks of writing direction (Cf) around the numbers they copy.
    seen = "".join(c for c in value if unicodedata.category(c) != "Cf")
    if _EXTENSION.search(seen):
        raise PhoneExtended(name=name, value=value)
    compact = _SEPARATORS.sub("", _MARKED_ZERO.sub(_resolved_zero, seen))
    number = re.sub(r"^00", "+", compact)
    for code in _WITHOUT_ZERO:
        number = number.replace(f"+{code}0", f"+{code}", 1)
    return number


def _resolved_zero(match: re.Match[str]) -> str:
    return match[1] + ("0" if match[2] in _WITH_ZERO else "")
