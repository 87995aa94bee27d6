"""Statements as text: compiled once for each shape, whatever the values in it are.

Compiling a list's statement takes longer than Postgres takes to answer it. SQLAlchemy tells the
shape of a statement (its cache key) from the values that it carries.
"""

from typing import Any, Final

from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.util import LRUCache

SHAPES: Final = 500
"""How many are kept at least; those used least go first."""

_DIALECT: Final = PGDialect_psycopg()  # type: ignore[no-untyped-call] # SQLAlchemy leaves it so
_compiled: Final[LRUCache[Any, SQLCompiler]] = LRUCache(SHAPES)


def text_of(statement: Executable) -> tuple[str, dict[str, Any]]:
    """Return the text that Postgres gets, the same object for the same shape, and its values."""
    shape = statement._generate_cache_key()  # type: ignore[attr-defined] # noqa: SLF001 - no public way
    if shape is None:
        return _text(_compile(statement), None)
    compiled = _compiled.get(shape.key)
    if compiled is None:
        compiled = _compiled[shape.key] = _compile(statement, cache_key=shape)
    return _text(compiled, shape.bindparams)


def _compile(statement: Executable, **options: Any) -> SQLCompiler:
    compiled = statement.compile(dialect=_DIALECT, **options)  # type: ignore[attr-defined] # all can
    assert isinstance(compiled, SQLCompiler)
    return compiled


def _text(compiled: SQLCompiler, values: Any) -> tuple[str, dict[str, Any]]:
    parameters = dict(compiled.construct_params(extracted_parameters=values) or {})
    if not (compiled.post_compile_params or compiled.literal_execute_params):
        return compiled.string, parameters
    # An `in (…)` is as long as its list: its text is made from the shape's for each.
    expanded = compiled.construct_expanded_state(parameters)
    return expanded.statement, dict(expanded.parameters)
