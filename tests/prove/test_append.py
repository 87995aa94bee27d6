"""The long form of the comparison with a model tells what it met."""

import pytest
from hypothesis import Phase

from tests.conftest import Database
from tests.eventstore.append_mutants import apply
from tests.prove.append import prove


def test_a_log_that_is_what_the_model_says_holds(database: Database) -> None:
    told = prove(database, runs=2, number=1)

    assert told["holds"]
    assert told["run"] >= 2
    assert told["events"] >= told["appended"] > 0


def test_a_log_that_is_not_does_not_and_the_way_there_is_told(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    apply("a stream counts its commands", database)

    told = prove(database, runs=5, number=1, phases=[Phase.generate])

    assert not told["holds"]
    assert "state.teardown()" in capsys.readouterr().err
