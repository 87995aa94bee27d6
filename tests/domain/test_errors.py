"""Every refusal is a sentence that people read."""

import ast
import importlib
import pkgutil
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import domain
from domain.archiving import Archivable
from domain.catalogue import AGGREGATES
from domain.desk.tickets.outcome import TicketNotReopenable
from domain.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from domain.rules import EmailInvalid
from domain.tags import TooManyTags

MODULES = [
    importlib.import_module(module.name)
    for module in pkgutil.walk_packages(domain.__path__, "domain.")
]
KINDS = (NotFound, Forbidden, Invalid, Conflict)


def _refusals() -> list[type[Refused]]:
    found = {
        value
        for module in MODULES
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Refused)
    }
    return sorted(found, key=lambda refusal: refusal.__name__)


def _facts_of(refusal: type[Refused]) -> list[str]:
    sentence = (refusal.__doc__ or "").partition("\n")[0]
    return [name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None]


def _raises() -> Iterator[tuple[str, set[str]]]:
    """Yield the class and the facts of every `raise` statement of the domain."""
    for module in MODULES:
        for node in ast.walk(ast.parse(Path(module.__file__ or "").read_text("utf-8"))):
            match node:
                case ast.Raise(exc=ast.Call(func=ast.Name(id=name), keywords=keywords)):
                    yield name, {keyword.arg or "" for keyword in keywords}
                case ast.Raise(exc=ast.Name(id=name)):
                    yield name, set()


def test_a_refusal_is_a_sentence_with_its_facts() -> None:
    wrong = [refusal for refusal in _refusals() if not _is_a_sentence(refusal)]

    assert wrong == []


def _is_a_sentence(refusal: type[Refused]) -> bool:
    facts: dict[str, Any] = {name: f"<{name}>" for name in _facts_of(refusal)}
    said = str(refusal(**facts))
    told = all(value in said for value in facts.values())
    return said.endswith(".") and told and not set(said) & set("{}\n")


def test_a_refusal_has_a_docstring_of_its_own() -> None:
    silent = [refusal for refusal in _refusals() if not refusal.__dict__.get("__doc__")]

    assert silent == []


def test_a_refusal_is_of_exactly_one_kind() -> None:
    kinds = {
        refusal: sum(issubclass(refusal, kind) for kind in KINDS)
        for refusal in _refusals()
        if refusal is not Refused
    }

    assert [refusal for refusal, count in kinds.items() if count != 1] == []


def test_every_raise_names_the_facts_of_its_sentence() -> None:
    known = {refusal.__name__: set(_facts_of(refusal)) for refusal in _refusals()}
    raised = [(name, facts) for name, facts in _raises() if name in known]

    wrong = [(name, facts) for name, facts in raised if facts != known[name]]

    assert raised
    assert wrong == []


def test_every_refusal_is_raised_somewhere_or_by_those_who_load() -> None:
    raised = {name for name, _ in _raises()}
    missing = {aggregate.MISSING.__name__ for aggregate in AGGREGATES}
    missing |= {kind.ARCHIVED.__name__ for kind in AGGREGATES if issubclass(kind, Archivable)}
    for_handlers = {"Refused", "NotFound", "Forbidden", "Invalid", "Conflict", "RoleForbidden"}

    unused = {refusal.__name__ for refusal in _refusals()} - raised - missing - for_handlers

    assert unused == set()


@pytest.mark.parametrize("aggregate", AGGREGATES, ids=lambda kind: kind.__name__)
def test_what_is_missing_is_said_with_its_id_alone(aggregate: Any) -> None:
    said = str(aggregate.MISSING(id="4711"))

    assert said.endswith(".")


def test_a_refusal_keeps_its_facts() -> None:
    refusal = TicketNotReopenable(id=7, status="new")

    assert refusal.facts == {"id": 7, "status": "new"}
    assert refusal.code == "TicketNotReopenable"


def test_a_fact_with_braces_is_not_filled_in_again() -> None:
    refusal = EmailInvalid(name="email", value="{limit}")

    assert "'{limit}'" in str(refusal)


def test_a_refusal_may_name_the_field_that_has_to_change() -> None:
    refusal = TooManyTags(limit=20)

    assert refusal.field == "tags"
