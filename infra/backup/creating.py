"""Makes a base backup of a running cluster: one stream, compressed and encrypted as it comes."""

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from infra.backup import wal
from infra.backup.carrying import PART, carry
from infra.backup.errors import BackupError
from infra.backup.manifest import Manifest, read_backup
from infra.backup.repository import BASE, Backup, Repository
from infra.embedded import binaries
from infra.embedded.clusters import LOG
from infra.embedded.process import environment

Progress = Callable[[int, int], None]
"""Takes how many bytes are done, and about how many there are."""
NOT_COPIED: Final = "pg_wal"


class Source(msgspec.Struct, frozen=True):
    """The running cluster that is backed up."""

    host: str
    """The folder of its socket, or its address."""
    port: int
    password: str
    """That of the role `psa_backup`."""
    data: Path
    """Its data folder."""
    spool: Path
    """Where its finished write-ahead log waits."""

    def __repr__(self) -> str:
        """Name the type only: a log line or a traceback must not carry a password."""
        return "Source(…)"


def create(source: Source, repository: Repository, progress: Progress) -> Backup:
    """Make a base backup, and carry all of the write-ahead log that it needs.

    Raises `BackupError`; what was written until then does not count, and is taken away.
    """
    started = datetime.now(UTC)
    about = _size(source.data)
    repository.claim(wal.system_in(source.data))
    name = f"{started:%Y%m%dT%H%M%S}Z"
    try:
        with _streaming(source) as server:
            counted = _Counted(server.content, progress, about)
            piece = repository.put(f"{BASE}/{name}", counted)
            server.finish()
        # After the last byte: no transaction of the backup is younger.
        finished = datetime.now(UTC)
        manifest = read_backup(repository.get(f"{BASE}/{name}"), f"{BASE}/{name}")
        carry(source.spool, repository)
        backup = _told(name, manifest, repository, (started, finished), (counted.done, piece.size))
    except BaseException:
        repository.remove([f"{BASE}/{name}"])
        raise
    repository.remember(backup)
    return backup


def _told(
    name: str,
    manifest: Manifest,
    repository: Repository,
    times: tuple[datetime, datetime],
    sizes: tuple[int, int],
) -> Backup:
    return Backup(
        id=name,
        cluster=repository.cluster,
        system=manifest.system,
        started_at=times[0],
        finished_at=times[1],
        timeline=manifest.timeline,
        start=manifest.start,
        stop=manifest.stop,
        size=sizes[0],
        stored=sizes[1],
    )


def _size(data: Path) -> int:
    """Return about how many bytes a data folder has; files come and go meanwhile."""
    size = 0
    for folder, folders, files in os.walk(data):
        folders[:] = [name for name in folders if name != NOT_COPIED]
        for name in files:
            with suppress(FileNotFoundError):
                size += (Path(folder) / name).stat().st_size
    return size


class _Counted:
    """Bytes on their way, counted."""

    def __init__(self, content: Iterator[bytes], progress: Progress, about: int) -> None:
        self._content = content
        self._progress = progress
        self._about = about
        self.done = 0

    def __iter__(self) -> Iterator[bytes]:
        for part in self._content:
            self.done += len(part)
            self._progress(self.done, max(self._about, self.done))
            yield part


class _Server:
    """A `pg_basebackup` that writes one tar to its output."""

    def __init__(self, process: "subprocess.Popen[bytes]", errors: IO[bytes]) -> None:
        self._process = process
        self._errors = errors

    @property
    def content(self) -> Iterator[bytes]:
        """What it writes."""
        output: Any = self._process.stdout
        while part := output.read(PART):
            yield part

    def finish(self) -> None:
        """Wait for its end; raises `BackupError` when it was not a good one."""
        if self._process.wait() != 0:
            self._errors.seek(0)
            said = self._errors.read().decode(errors="replace").strip().splitlines()
            reason = said[-1] if said else f"it ended with status {self._process.returncode}"
            msg = f"The base backup was not made: {reason}"
            raise BackupError(msg)


@contextmanager
def _streaming(source: Source) -> Iterator[_Server]:
    """Start a `pg_basebackup`; it ends with the block."""
    where = ["--host", source.host, "--port", str(source.port), f"--username={LOG.accounts.backup}"]
    what = ["--pgdata=-", "--format=tar", "--wal-method=none", "--checkpoint=fast"]
    how = ["--no-password", "--manifest-checksums=SHA256", "--label=psa"]
    with (
        tempfile.TemporaryFile() as errors,
        tempfile.NamedTemporaryFile("w", prefix="psa-pgpass-") as password,
    ):
        password.write(f"*:*:*:{LOG.accounts.backup}:{source.password}\n")
        password.flush()
        process = subprocess.Popen(
            [str(binaries.postgres("pg_basebackup")), *where, *what, *how],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            # A file, not a variable: what a process gets in its environment others can see.
            env={**environment(), "PGPASSFILE": password.name},
        )
        try:
            yield _Server(process, errors)
        finally:
            process.kill()
            process.communicate()
