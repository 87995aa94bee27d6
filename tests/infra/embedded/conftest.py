"""Homes for stacks, and one stack for the tests that only look."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.embedded import Stack, Urls
from tests.infra.embedded.scripts import end_servers


@pytest.fixture
def home() -> Iterator[Path]:
    """Give a home that does not exist yet; its path is short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="psa-"))
    yield folder / "home"
    end_servers(folder / "home")
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def shared() -> Iterator[tuple[Stack, Urls, Path]]:
    """Give a running stack, its addresses and its home to tests that leave no trace in it."""
    folder = Path(tempfile.mkdtemp(prefix="psa-"))
    with Stack(folder, external={}, durable=False) as stack:
        yield stack, stack.start(), folder
    shutil.rmtree(folder)
