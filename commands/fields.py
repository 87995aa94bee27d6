"""Which field of the input a decoder complains about."""

import re

_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_NAMED = re.compile(r"^Object (missing required|contains unknown) field `(?P<name>[^`]*)`")


def field_of(complaint: str, within: str = "") -> str:
    """Return the dotted path of the field, e.g. `address.city`, or nothing when it is all of it.

    The complaint is one of msgspec's: it ends with a path, or names a field within `within`.
    """
    path = _PATH.search(complaint)
    named = _NAMED.search(complaint)
    parts = [path["path"] if path else within, named["name"] if named else ""]
    return ".".join(part for part in parts if part)
