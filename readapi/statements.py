"""Statements as text: made and compiled once for each shape, whatever the values in it are.

Making and compiling a list's statement takes longer than Postgres takes to answer it. SQLAlchemy
tells the shape of a statement (its cache key) from the values that it carries.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Executable
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


class Shapes:
    """Statements that are not even made again where only the values of conditions differ."""

    def __init__(self) -> None:
        """Know no shape yet."""
        self._known: LRUCache[Any, _Shape] = LRUCache(SHAPES)

    def told(
        self,
        name: Hashable,
        conditions: Sequence[ColumnElement[bool]],
        make: Callable[[Sequence[ColumnElement[bool]]], Executable],
        **values: Any,
    ) -> Told:
        """Return the statement that `make` makes of the conditions, as text.

        It is made once for each name and shape of the conditions; so whatever else makes a
        difference belongs into the name, or into a `bindparam` whose value is given here.
        """
        parts = [_shape_of(condition) for condition in conditions]
        bound = [parameter for part in parts if part for parameter in part.bindparams]
        if not all(parts):
            return text_of(make(conditions), values)
        key = (name, *(part.key for part in parts))
        shape = self._known.get(key)
        if shape is None:
            compiled = _compile(make(conditions))
            names = [compiled.bind_names.get(parameter) for parameter in bound]
            if _varies(compiled) or None in names or len({*names}) < len(names):
                # A value that is not found in the text (what is false swallows others) might be
                # there in another guise. One that two conditions share has one name in the text:
                # where they have a value each, the last one would take the place of the others.
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
