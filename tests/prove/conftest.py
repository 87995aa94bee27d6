"""Where the history does not reach back to the old code, nothing can be asked of it."""

import subprocess

from tests.prove.oldlog import OLD
from tests.prove.platform import ROOT

_KNOWN = subprocess.run(
    ["git", "-C", str(ROOT), "cat-file", "-e", f"{OLD}^{{commit}}"],
    capture_output=True,
    check=False,
)
collect_ignore = ["test_oldlog.py"] if _KNOWN.returncode else []
