"""The OpenSearch distribution: named by the user, found in a shared cache, or fetched by Maven."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from infra.embedded.errors import EmbeddedError

VERSION = "3.8.0"
ARTIFACT = f"org.opensearch.distribution.integ-test-zip:opensearch:{VERSION}:zip"
SHA256 = "196c3cf4602c394f2e40e6174ccbf2a924eae37246f08fa6bbb6b75f9fd5ff1f"
FETCH_SECONDS = 900
FOREIGN_WRITERS = 0o022


def find(environment: Mapping[str, str], is_reachable: Callable[[Path], bool]) -> Path:
    """Return the folder of a distribution the server's account reaches; fetches it when need be."""
    refusal = lacking(environment)
    if refusal is not None:
        raise EmbeddedError(refusal)
    named = environment.get("PSA_OPENSEARCH_HOME")
    if named:
        return Path(named).resolve()
    for cache in _caches(environment):
        if _is_usable(cache) and is_reachable(cache):
            return _kept_in(cache, _maven(environment) or "mvn")
    reason = (
        "No cache folder can hold OpenSearch; set XDG_CACHE_HOME to a folder only you may write, "
        "or PSA_OPENSEARCH_URL."
    )
    raise EmbeddedError(reason)


def lacking(environment: Mapping[str, str]) -> str | None:
    """Say what is missing for a distribution to be had, or nothing."""
    named = environment.get("PSA_OPENSEARCH_HOME")
    if named and not _is_complete(Path(named)):
        return (
            f"PSA_OPENSEARCH_HOME={named} holds no OpenSearch; correct it, "
            f"or unset it to have {VERSION} fetched."
        )
    kept = any(_is_complete(_place(cache)) for cache in _caches(environment))
    if named or kept or _maven(environment):
        return None
    return (
        "OpenSearch is not on this machine and Maven, which would fetch it, is missing; "
        "install Maven, name an unpacked distribution in PSA_OPENSEARCH_HOME, "
        "or set PSA_OPENSEARCH_URL."
    )


def _caches(environment: Mapping[str, str]) -> Iterator[Path]:
    """Give the user's cache, then a folder of his own in the system's temporary one."""
    home = Path(environment.get("HOME") or "~").expanduser()
    yield Path(environment.get("XDG_CACHE_HOME") or home / ".cache") / "psa"
    yield Path(tempfile.gettempdir()) / f"psa-cache-{os.geteuid()}"


def _place(cache: Path) -> Path:
    return cache / f"opensearch-{VERSION}"


def _is_complete(folder: Path) -> bool:
    return any(folder.glob("lib/opensearch-[0-9]*.jar"))


def _maven(environment: Mapping[str, str]) -> str | None:
    return shutil.which("mvn", path=environment.get("PATH"))


def _is_usable(cache: Path) -> bool:
    """Whether we can write there and nobody else can: code is started from this folder."""
    try:
        cache.mkdir(mode=0o755, parents=True, exist_ok=True)
        state = cache.lstat()
    except OSError:
        return False
    return (
        state.st_uid == os.geteuid()
        and not state.st_mode & FOREIGN_WRITERS
        and os.access(cache, os.W_OK | os.X_OK)
    )


def _kept_in(cache: Path, maven: str) -> Path:
    """Return the distribution of this cache; one process fetches it, others wait meanwhile."""
    place = _place(cache)
    with _locked(cache / f"{place.name}.lock"):
        if not _is_complete(place):
            workshop = cache / f"{place.name}.new"
            shutil.rmtree(workshop, ignore_errors=True)  # Left behind by a fetch that was killed.
            workshop.mkdir()
            _unpack(_fetch(workshop, maven), workshop).rename(place)
            shutil.rmtree(workshop)
    return place


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(workshop: Path, maven: str) -> Path:
    options = ["-q", "-B", f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={workshop}"]
    try:
        done = subprocess.run(
            [maven, "dependency:copy", *options],
            capture_output=True,
            text=True,
            check=False,
            timeout=FETCH_SECONDS,
            cwd=workshop,
        )
    except subprocess.TimeoutExpired:
        reason = (
            f"Maven did not fetch OpenSearch within {FETCH_SECONDS} s; check the network, "
            "or set PSA_OPENSEARCH_URL."
        )
        raise EmbeddedError(reason) from None
    if done.returncode != 0:
        last = "\n".join(done.stdout.strip().splitlines()[-5:])
        reason = (
            "Maven could not fetch OpenSearch; check the network and ~/.m2/settings.xml, "
            f"or set PSA_OPENSEARCH_URL:\n{last}"
        )
        raise EmbeddedError(reason)
    return workshop / f"opensearch-{VERSION}.zip"


def _unpack(archive: Path, target: Path) -> Path:
    """Check the archive, then unpack it readable for every account."""
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != SHA256:
        reason = (
            f"The OpenSearch archive from Maven has the SHA-256 {found} instead of {SHA256}; "
            "do not use it, and set PSA_OPENSEARCH_URL."
        )
        raise EmbeddedError(reason)
    with zipfile.ZipFile(archive) as content:
        content.extractall(target)
    for path in target.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return target / f"opensearch-{VERSION}"
