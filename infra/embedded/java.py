"""A Java runtime for OpenSearch: the first of the usual places that is recent enough."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

OLDEST = 21
INSTALLED = ("/usr/lib/jvm/*", "/Library/Java/JavaVirtualMachines/*/Contents/Home")
LACKING = (
    f"Java {OLDEST} or newer is missing; install a JDK (Temurin, or Debian's "
    "default-jre-headless when it is recent enough), or name one in PSA_JAVA_HOME."
)


def find(environment: Mapping[str, str]) -> Path | None:
    """Return the `java` program to use, or None."""
    return next(
        (program for program in _candidates(environment) if _version(program) >= OLDEST), None
    )


def _candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    for name in ("PSA_JAVA_HOME", "JAVA_HOME"):
        if environment.get(name):
            yield Path(environment[name]) / "bin" / "java"
    on_path = shutil.which("java", path=environment.get("PATH"))
    if on_path:
        yield Path(on_path).resolve()
    for pattern in INSTALLED:
        # The newest last by name is good enough: any that is recent enough will do.
        yield from (home / "bin" / "java" for home in sorted(Path("/").glob(pattern.lstrip("/"))))


def _version(program: Path) -> int:
    """Return the major version; 0 when it is no Java."""
    release = program.parent.parent / "release"  # Answers at once, a JVM takes a fifth of a second.
    try:
        text = release.read_text(encoding="utf-8") if release.is_file() else _asked(program)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r'(?:JAVA_VERSION=|version )"(\d+)', text)
    return int(found[1]) if found and program.is_file() else 0


def _asked(program: Path) -> str:
    answer = subprocess.run(
        [str(program), "-version"], capture_output=True, text=True, check=False, timeout=20
    )
    return answer.stderr
