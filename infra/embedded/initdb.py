"""The first start of PostgreSQL: a data folder that is complete or not there at all."""

import shutil
import sys
import tempfile
from pathlib import Path

from infra.embedded import binaries, private, unprivileged
from infra.embedded.errors import EmbeddedError
from infra.embedded.process import Program

SUPERUSER = "postgres"
UNFINISHED = ".new-"

# The builtin provider sorts and folds the same on every machine and with every C library.
OPTIONS = (
    f"--username={SUPERUSER}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    f"--lc-ctype={'en_US.UTF-8' if sys.platform == 'darwin' else 'C.UTF-8'}",
    "--no-instructions",
)


def initialise(data: Path, password: str, *, account: str, durable: bool) -> None:
    """Fill a temporary folder beside the data folder, then rename it; a kill leaves no half."""
    workshop = Path(tempfile.mkdtemp(prefix=data.name + UNFINISHED, dir=data.parent))
    try:
        password_file = workshop / "password"
        private.write(password_file, password)
        unprivileged.hand_over([workshop], account)
        command = _initdb(workshop / "data", password_file, durable=durable)
        done = unprivileged.run(Program(command, workshop, account))
        if done.returncode != 0:
            words = done.stderr.strip().replace(password, "***")
            reason = f"PostgreSQL could not be initialised in {data}; initdb says:\n{words}"
            raise EmbeddedError(reason)
        (workshop / "data").rename(data)
        private.sync(data.parent)
    finally:
        shutil.rmtree(workshop)


def _initdb(data: Path, password_file: Path, *, durable: bool) -> list[str]:
    program = str(binaries.postgres("initdb"))
    quick = [] if durable else ["--no-sync"]
    return [program, f"--pgdata={data}", f"--pwfile={password_file}", *OPTIONS, *quick]


def remove_unfinished(data: Path) -> None:
    """Remove what an interrupted first start left beside this data folder."""
    # Only its own: the other cluster may be in the middle of its first start.
    for workshop in data.parent.glob(f"{data.name}{UNFINISHED}*"):
        shutil.rmtree(workshop)
