"""es.append and the appender do what the model does, whoever comes, in whatever order."""

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import Database
from tests.eventstore.append_machine import machine_on
from tests.eventstore.append_mutants import MUTANTS, apply
from tests.eventstore.append_world import world
from tests.eventstore.carried import broken

SETTINGS = settings(
    derandomize=True,
    max_examples=60,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)
# A race that was lost once may be won when Hypothesis tries it again: that is flaky, and found.
FOUND = (AssertionError, psycopg.Error, Flaky)
FIRST_FAULT = settings(SETTINGS, phases=[Phase.generate], report_multiple_bugs=False)


def test_the_log_is_what_the_model_says_whatever_is_appended(database: Database) -> None:
    with world(database) as log:
        run_state_machine_as_test(machine_on(log), settings=SETTINGS)

    assert broken(database) == []
    kinds = {"appended", "repeated", "reused", "conflict", "unheard", "no_ascent"}
    assert {kind for kind in kinds if log.told[kind] < 5} == set()


@pytest.mark.parametrize("mutant", MUTANTS)
def test_an_append_that_is_wrong_is_found(database: Database, mutant: str) -> None:
    apply(mutant, database)

    with world(database) as log, pytest.raises(FOUND):
        run_state_machine_as_test(machine_on(log), settings=FIRST_FAULT)
