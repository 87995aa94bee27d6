"""One platform with the demo data, and the package of all of it, for the tests that only read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.embedded import Urls
from tests.infra.auditing.given import Platform, demo, export


@pytest.fixture(scope="package")
def platform(urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with demo(urls, tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture(scope="package")
def package(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of everything."""
    return export(platform, tmp_path_factory.mktemp("all") / "audit", "--prove", "7")
