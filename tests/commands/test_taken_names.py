"""Whoever asks for a name that is taken is told which field to change."""

import pytest

from commands.people.users import RegisterUser
from domain.problems import problem_of
from domain.reservations import AlreadyTaken
from tests.commands.office import Office


async def test_the_problem_names_the_field() -> None:
    office = Office()
    await office.ask(RegisterUser(name="Anna", email="anna@msp.example"))

    with pytest.raises(AlreadyTaken) as refused:
        await office.ask(RegisterUser(name="Anne", email="anna@msp.example"))

    assert [error.field for error in problem_of(refused.value, 409).errors] == ["email"]
