"""Under which account a server runs that refuses root.

An ordinary user runs it as himself. Root on Linux runs it in a user namespace in which root is an
ordinary user: outside, all files stay root's, so a checkout below a root-only folder will do.
Where namespaces are forbidden, root hands the data to `nobody` and runs it as that.
"""

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from infra.embedded import launch
from infra.embedded.errors import EmbeddedError
from infra.embedded.process import Program, environment, launched

NOBODY = 65534


def account_for(program: Path, home: Path) -> str:
    """Choose the account that runs the program on data below home."""
    if os.geteuid() != 0:
        return launch.CALLER
    if may_reach(launch.NAMESPACE, program, home):
        return launch.NAMESPACE
    _let_pass(home)
    if may_reach(str(NOBODY), program, home):
        return str(NOBODY)
    reason = (
        f"{program.name} refuses to run as root, and no other account may reach {program} "
        f"and {home}; run as an ordinary user, choose a PSA_HOME every user may pass, "
        "or set the PSA_…_URL of a running server."
    )
    raise EmbeddedError(reason)


def may_reach(account: str, *paths: Path) -> bool:
    """Whether the account can be had here and may execute, or pass through, all the paths."""
    test = ["/bin/sh", "-c", 'for path; do test -x "$path" || exit 1; done', "sh"]
    tried = run(Program([*test, *map(str, paths)], Path("/"), account))
    return tried.returncode == 0


def hand_over(paths: Sequence[Path], account: str) -> None:
    """Make the paths, with all they hold, belong to the account that will use them."""
    if os.geteuid() != 0:
        return
    user = NOBODY if account == str(NOBODY) else 0  # Root in a namespace is root outside.
    for path in paths:
        if path.stat().st_uid != user:
            for part in [path, *path.rglob("*")]:
                os.chown(part, user, user, follow_symlinks=False)


def run(program: Program) -> subprocess.CompletedProcess[str]:
    """Run a program to its end under its account."""
    return subprocess.run(
        launched(program, None, signal.SIGKILL),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        cwd=program.folder,
        env=environment(),
        umask=0o077,
    )


def _let_pass(home: Path) -> None:
    """Let other accounts pass through, not list, what is ours; nothing outside home is touched."""
    for folder in (home, home / "run"):
        folder.chmod(folder.stat().st_mode | 0o011)
