"""Priority = impact × urgency; the matrix is ITIL's and that of the ServiceNow log."""

from itertools import product

import pytest

from domain.desk.priorities import Level, Priority, priority_of

RANKS = list(Priority)
LEVELS = list(Level)


@pytest.mark.parametrize(
    ("impact", "urgency", "priority"),
    [
        ("high", "high", "critical"),
        ("high", "medium", "high"),
        ("high", "low", "medium"),
        ("medium", "high", "high"),
        ("medium", "medium", "medium"),
        ("medium", "low", "low"),
        ("low", "high", "medium"),
        ("low", "medium", "low"),
        ("low", "low", "low"),
    ],
)
def test_impact_and_urgency_give_the_priority(impact: str, urgency: str, priority: str) -> None:
    assert priority_of(Level(impact), Level(urgency)) is Priority(priority)


@pytest.mark.parametrize(("one", "other"), list(product(Level, Level)))
def test_impact_and_urgency_weigh_the_same(one: Level, other: Level) -> None:
    assert priority_of(one, other) is priority_of(other, one)


@pytest.mark.parametrize(("impact", "urgency"), list(product(Level, [Level.HIGH, Level.MEDIUM])))
def test_less_urgency_never_raises_the_priority(impact: Level, urgency: Level) -> None:
    calmer = LEVELS[LEVELS.index(urgency) + 1]

    before, after = priority_of(impact, urgency), priority_of(impact, calmer)

    assert RANKS.index(after) >= RANKS.index(before)
