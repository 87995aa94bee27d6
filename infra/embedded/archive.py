"""Copies a finished file of the write-ahead log aside: whole or not at all, and never over another.

PostgreSQL runs this script with the interpreter alone (`python -I -S archive.py FROM TO`) for each
file, and again until it ends with 0. It may be killed at any instant; a file that is there already
is accepted when its bytes are the same, and never replaced.
"""

import filecmp
import os
import shutil
import sys
import tempfile
from pathlib import Path


def main(source: Path, target: Path) -> str:
    """Copy the file; return nothing, or what is in the way."""
    with tempfile.NamedTemporaryFile(prefix=".", dir=target.parent) as draft:
        with source.open("rb") as file:
            shutil.copyfileobj(file, draft, 1 << 20)
        draft.flush()
        os.fsync(draft.fileno())
        try:
            os.link(draft.name, target)
        except FileExistsError:
            # Killed before PostgreSQL took note, or a server that is not ours writes here.
            if not filecmp.cmp(draft.name, target, shallow=False):
                return f"{target} holds other bytes; it is not overwritten."
    folder = os.open(target.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    return ""


if __name__ == "__main__":
    try:
        sys.exit(main(*map(Path, sys.argv[1:])) or 0)
    except OSError as refused:
        sys.exit(f"The file {sys.argv[1]} could not be copied aside: {refused}.")
