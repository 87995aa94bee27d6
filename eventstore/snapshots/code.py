"""Which code a snapshot was taken by: every change of the domain makes another one of it."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

import domain

FORMAT: Final = 1
"""Of the state; to be counted up when records are written otherwise."""


@cache
def this_code() -> bytes:
    """Return the fingerprint of the domain as it runs here, 32 bytes."""
    return fingerprint(Path(str(domain.__file__)).parent)


def fingerprint(folder: Path) -> bytes:
    """Return the SHA-256 of all Python sources in a folder, their names and the format."""
    digest = hashlib.sha256(b"%d" % FORMAT)
    for file in sorted(folder.rglob("*.py")):
        for part in (file.relative_to(folder).as_posix().encode(), file.read_bytes()):
            digest.update(len(part).to_bytes(8) + part)
    return digest.digest()
