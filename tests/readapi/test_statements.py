"""A statement is compiled once for each shape, and says what it would have said on its own."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    BigInteger,
    Executable,
    Text,
    Uuid,
    any_,
    bindparam,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from projections.desk.tickets import tickets
from readapi import statements
from readapi.desk.tickets import RESOURCE
from readapi.statements import SHAPES, Shapes, text_of

_t = tickets.c
ROWS = RESOURCE.listing.rows
ADA, BEN = UUID(int=1), UUID(int=2)
OF_ADA = _t.group_id == ADA


@pytest.fixture(autouse=True)
def _nothing_compiled() -> Iterator[None]:
    statements._compiled.clear()
    yield
    statements._compiled.clear()


def _one_of(*values: str) -> Executable:
    return ROWS.where(_t.status == any_(literal(list(values), ARRAY(Text)))).limit(3)


def _among(*ids: UUID) -> Executable:
    return select(_t.id).where(_t.id.in_(ids), _t.title == "Printer")


def _page(limit: int, offset: int) -> Executable:
    return ROWS.order_by(_t.created_at.desc(), _t.id.desc()).limit(limit).offset(offset)


PAIRS = {
    "any": (_one_of("new", "closed"), _one_of("resolved")),
    "any of ids": tuple(
        ROWS.where(_t.id == any_(literal(ids, ARRAY(Uuid)))) for ids in ([ADA, BEN], [])
    ),
    "in": (_among(ADA), _among(ADA, BEN), _among()),
    "limit and offset": (_page(20, 0), _page(100, 40)),
    "contains": tuple(ROWS.where(_t.tags.contains(tags)) for tags in (["vpn"], ["a", "b"])),
    "the same value twice": tuple(
        ROWS.where(_t.title == one, _t.category == two) for one, two in (("a", "a"), ("a", "b"))
    ),
    "count": tuple(
        select(func.count()).select_from(tickets).where(_t.group_id == key) for key in (ADA, BEN)
    ),
}


@pytest.mark.parametrize("alike", PAIRS.values(), ids=PAIRS.keys())
def test_statements_of_one_shape_keep_their_own_values(alike: tuple[Executable, ...]) -> None:
    told = [text_of(statement) for statement in alike]

    assert told == [_on_its_own(statement) for statement in alike]
    assert len(statements._compiled) == 1


def test_a_shape_is_compiled_once() -> None:
    first, _ = text_of(_page(20, 0))

    second, _ = text_of(_page(50, 100))

    assert second is first


def test_a_value_that_is_none_is_another_shape() -> None:
    texts = {text_of(ROWS.where(_t.group_id == key))[0] for key in (ADA, None)}

    assert len(texts) == 2


def test_shapes_that_were_not_asked_for_the_longest_are_forgotten() -> None:
    for number in range(2 * SHAPES):
        text_of(select(literal(1).label(f"n{number}")))

    assert len(statements._compiled) <= 1.5 * SHAPES


CONDITIONS = {
    "two": ([_t.status == "new", _t.group_id == ADA], [_t.status == "closed", _t.group_id == BEN]),
    "none": ([], []),
    "any": (
        [_t.status == any_(literal(["new"], ARRAY(Text)))],
        [_t.status == any_(literal([], ARRAY(Text)))],
    ),
    "the same value twice": (
        [or_(_t.title == "a", _t.category == "a")],
        [or_(_t.title == "a", _t.category == "b")],
    ),
    "the same condition twice": (
        [OF_ADA, OF_ADA],
        [_t.group_id == ADA, _t.group_id == BEN],
    ),
    "a text within": tuple([true(), _t.title.icontains(one, autoescape=True)] for one in "a_"),
    "what is false": tuple([false(), _t.status == one] for one in ("new", "closed")),
    "in": ([_t.id.in_([ADA])], [_t.id.in_([ADA, BEN])]),
}


@pytest.mark.parametrize("alike", CONDITIONS.values(), ids=CONDITIONS.keys())
def test_a_statement_of_one_shape_has_the_values_of_its_conditions(alike: Any) -> None:
    shapes = Shapes()

    for number, conditions in enumerate(alike):
        told = shapes.told("n", conditions, _limited, rows=number)

        assert told == text_of(_limited(conditions), {"rows": number})


def test_a_statement_of_one_shape_is_made_once() -> None:
    made: list[str] = []
    shapes = Shapes()

    def make(what: str, conditions: Sequence[Any]) -> Executable:
        made.append(what)
        return ROWS.where(*conditions)

    for status in ("new", "closed"):
        shapes.told("n", [_t.status == status], partial(make, status))
    shapes.told("n", [_t.title == "new"], partial(make, "another column"))
    shapes.told("m", [_t.status == "new"], partial(make, "another name"))

    assert made == ["new", "another column", "another name"]


def _limited(conditions: Sequence[Any]) -> Executable:
    return ROWS.where(*conditions).limit(bindparam("rows", type_=BigInteger))


def _on_its_own(statement: Any) -> tuple[str, dict[str, Any]]:
    compiled = statement.compile(
        dialect=PGDialect_psycopg(),  # type: ignore[no-untyped-call]
        compile_kwargs={"render_postcompile": True},
    )
    return compiled.string, dict(compiled.params)
