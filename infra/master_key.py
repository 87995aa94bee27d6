"""The master key of what tells of people: one private file of this installation.

It wraps the keys of all people, and is in no database and no backup of one. Who loses it has erased
everybody.
"""

import base64
import binascii
import os
from pathlib import Path

from eventstore.personal.keys import KEY_BYTES, MasterKey
from infra.embedded import private
from infra.settings import MASTER_KEY_FILE, SettingsError


def open_master_key(path: Path) -> MasterKey:
    """Return the key in this file, made when there is none; raises `SettingsError`."""
    if not path.exists():
        private.folder(path.parent)
        # Two processes may race here; the first link decides.
        private.create(path, base64.b64encode(os.urandom(KEY_BYTES)).decode() + "\n")
    try:
        key = base64.b64decode(path.read_bytes(), validate=False)
    except (OSError, binascii.Error):
        key = b""
    if len(key) != KEY_BYTES:
        msg = (
            f"{path} holds no master key ({KEY_BYTES} bytes in base64); bring the file back from "
            f"where it was copied to, or name another one in {MASTER_KEY_FILE}."
        )
        raise SettingsError(msg)
    return MasterKey(key)
