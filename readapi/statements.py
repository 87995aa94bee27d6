"""Statements as text: made and compiled once for each shape, whatever the values in it are.

Making and compiling a list's statement takes longer than Postgres takes to answer it. SQLAlchemy
tells the shape of a statement (its cache key) from the values that it carries.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Executable, tuple_
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.util import LRUCache

SHAPES: Final = 500
"""How many are kept at least; those that were not asked for the longest go first."""

Told = tuple[str, dict[str, Any]]
"""The text that Postgres gets, the same object for the same shape, and its values."""

_DIALECT: Final = PGDialect_psycopg()  # type: ignore[no-untyped-call] # SQLAlchemy leaves it so
_compiled: Final[LRUCache[Any, SQLCompiler]] = LRUCache(SHAPES)


def text_of(statement: Executable, values: Mapping[str, Any] | None = None) -> Told:
    """Return a statement as text; `values` are those of `bindparam`s that have none."""
    shape = _shape_of(statement)
    if shape is None:
        return _text(_compile(statement), values)
    compiled = _compiled.get(shape.key)
    if compiled is None:
        compiled = _compiled[shape.key] = _compile(statement, cache_key=shape)
    return _text(compiled, values, shape.bindparams)


class _Shape(msgspec.Struct, frozen=True):
    """A statement's text and values."""

    text: str
    values: dict[str, Any]
    """As they were when it was made: some are the statement's own."""
    names: Sequence[Any]
    """What those of the conditions are called, in their order."""


class Conditions:
    """Conditions that have to hold together."""

    def __init__(self, parts: Iterable[ColumnElement[bool]] = ()) -> None:
        """Take them in the order in which they are written."""
        self.parts: Final = tuple(parts)

    @cached_property
    def shape(self) -> Any:
        """Their shape, or None where SQLAlchemy can not tell it.

        One for all of them: what two of them share makes another shape.
        """
        return _shape_of(tuple_(*self.parts))


class Shapes:
    """Statements that are not even made again where only the values of conditions differ."""

    def __init__(self) -> None:
        """Know no shape yet."""
        self._known: LRUCache[Any, _Shape] = LRUCache(SHAPES)

    def told(
        self,
        name: Hashable,
        conditions: Conditions,
        make: Callable[[Sequence[ColumnElement[bool]]], Executable],
        **values: Any,
    ) -> Told:
        """Return the statement that `make` makes of the conditions, as text.

        It is made once for each name and shape of the conditions; so whatever else makes a
        difference belongs into the name, or into a `bindparam` whose value is given here.
        """
        of_conditions = conditions.shape
        if of_conditions is None:
            return text_of(make(conditions.parts), values)
        key, bound = (name, of_conditions.key), of_conditions.bindparams
        shape = self._known.get(key)
        if shape is None:
            compiled = _compile(make(conditions.parts))
            names = [compiled.bind_names.get(parameter) for parameter in bound]
            if _varies(compiled) or None in names:
                # A value that is not found in the text (what is false swallows others) might be
                # there in another guise.
                return _text(compiled, values)
            shape = self._known[key] = _Shape(*_text(compiled, values), names)
        told = zip(shape.names, (parameter.effective_value for parameter in bound), strict=True)
        return shape.text, {**shape.values, **dict(told), **values}


def _shape_of(part: Any) -> Any:
    return part._generate_cache_key()  # noqa: SLF001 - SQLAlchemy has no public way


def _compile(statement: Executable, **options: Any) -> SQLCompiler:
    compiled = statement.compile(dialect=_DIALECT, **options)  # type: ignore[attr-defined] # all can
    assert isinstance(compiled, SQLCompiler)
    return compiled


def _varies(compiled: SQLCompiler) -> bool:
    return bool(compiled.post_compile_params or compiled.literal_execute_params)


def _text(compiled: SQLCompiler, values: Any, carried: Any = None) -> Told:
    parameters = dict(compiled.construct_params(values, extracted_parameters=carried) or {})
    if not _varies(compiled):
        return compiled.string, parameters
    # An `in (…)` is as long as its list: its text is made from the shape's for each.
    expanded = compiled.construct_expanded_state(parameters)
    return expanded.statement, dict(expanded.parameters)
