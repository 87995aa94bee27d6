"""Private files that are written once: keys."""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile


def keep(path: Path, content: bytes) -> None:
    """Write a private file, unless there is one: of several who write, the first one's stays.

    It is on the disk when this returns, and what is done with the key in it comes after.
    """
    # Made private (0600) before the key is in it, under a name that no other process has.
    with NamedTemporaryFile(dir=path.parent) as draft:
        draft.write(content)
        draft.flush()
        os.fsync(draft.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(draft.name)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
