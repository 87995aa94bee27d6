"""A PostgreSQL of its own on restored files: it replays, is looked at, and ends with this process.

Only who runs the restore can reach it: by a socket in a private folder, without passwords.
"""

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from infra.backup.errors import BackupError
from infra.embedded import binaries, postgres, private, roles, unprivileged
from infra.embedded.clusters import LOG
from infra.embedded.initdb import SUPERUSER
from infra.embedded.passwords import Passwords
from infra.embedded.process import Program, environment, launched

PAUSE: Final = 0.05
STOP_SECONDS: Final = 120.0
NOT_REACHED: Final = "recovery ended before configured recovery target was reached"
HBA: Final = "local all all trust\n"
RECOVERY: Final = """\
listen_addresses = ''
unix_socket_directories = '{sockets}'
hot_standby = off
restore_command = 'false'
recovery_target_timeline = 'latest'
recovery_target_action = 'promote'
"""


class Restored(msgspec.Struct, frozen=True):
    """Restored files, and how far they shall be replayed."""

    home: Path
    data: Path
    to: datetime | None
    """None for as far as the write-ahead log goes."""
    spool: Path | None
    """Where its own write-ahead log goes; a drill's goes nowhere."""


class Instance:
    """The server of restored files, between `start` and `stop`."""

    def __init__(self, restored: Restored) -> None:
        self._restored = restored
        self._sockets = Path(tempfile.mkdtemp(prefix="psa-restore-"))
        self._log = private.folder(restored.home / "logs") / "restore.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, tell: Callable[[str], None]) -> None:
        """Replay, and return when it answers; `tell` gets what is replayed meanwhile.

        Raises `BackupError` when the instant can not be reached. To be called in the main thread:
        the server ends with the thread that started it.
        """
        restored = self._restored
        program = binaries.postgres("postgres")
        account = unprivileged.account_for(program, restored.home)
        self._configure()
        spool = [restored.spool] if restored.spool else []
        unprivileged.hand_over([self._sockets, restored.data, *spool], account)
        started = Program([str(program), "-D", str(restored.data)], restored.data, account)
        with private.append(self._log) as output:
            output.truncate(0)
            self._process = subprocess.Popen(
                launched(started, None, signal.SIGINT),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=restored.data,
                env=environment(),
                start_new_session=True,
                umask=0o077,
            )
        self._await(self._process, tell)

    def conninfo(self, user: str, database: str = LOG.accounts.database) -> str:
        """Return where it answers for one of the roles."""
        port = str(postgres.SOCKET_PORT)
        return make_conninfo(host=str(self._sockets), port=port, user=user, dbname=database)

    def renew_passwords(self, passwords: Passwords) -> None:
        """Let every role have the password that is kept in the home today."""
        conninfo = self.conninfo(SUPERUSER, "postgres")
        with psycopg.connect(conninfo, autocommit=True) as connection:
            roles.ensure(connection, LOG.accounts, passwords.of_log)
            verifier = connection.pgconn.encrypt_password(
                passwords.postgres.encode(), SUPERUSER.encode(), b"scram-sha-256"
            ).decode()
            connection.execute(
                sql.SQL("alter role {} password {}").format(sql.Identifier(SUPERUSER), verifier)
            )

    def stop(self) -> None:
        """End it cleanly; harmless when it does not run."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._sockets, ignore_errors=True)

    def _configure(self) -> None:
        restored = self._restored
        target = ""
        if restored.to is not None:
            target = f"recovery_target_time = '{restored.to.isoformat()}'\n"
        own = postgres.archiving(restored.spool) if restored.spool else "archive_mode = off\n"
        told = RECOVERY.format(sockets=self._sockets) + target + postgres.SETTINGS + own
        private.write(restored.data / "postgresql.conf", told)
        private.write(restored.data / "pg_hba.conf", HBA)
        private.write(restored.data / "recovery.signal", "")

    def _await(self, process: "subprocess.Popen[bytes]", tell: Callable[[str], None]) -> None:
        while process.poll() is None:
            try:
                psycopg.connect(self.conninfo(SUPERUSER, "postgres")).close()
            except psycopg.OperationalError:
                tell(self._last_line())
                time.sleep(PAUSE)
            else:
                return
        raise BackupError(self._obituary())

    def _last_line(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return lines[-1] if lines else ""

    def _obituary(self) -> str:
        text = self._log.read_text(encoding="utf-8", errors="replace")
        if NOT_REACHED in text:
            return (
                f"The write-ahead log ends before {_shown(self._restored.to)}: nothing was "
                "recorded after that, or it was lost; restore `--to latest` or to an earlier one."
            )
        said = [line for line in text.splitlines() if "FATAL" in line or "PANIC" in line]
        why = said[-1].partition("FATAL:")[2].strip() if said else "it ended without a word"
        return f"The backup can not be replayed: {why}; {self._log} tells more."


def _shown(at: Any) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at is not None else "the end"
