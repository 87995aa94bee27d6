"""What the source says of classes and of their fields: docstrings, also those below a field."""

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

_Said = dict[str, dict[str, str]]


def sentence_of(kind: type) -> str:
    """Return the first line of a class's docstring, or of the nearest base that has one."""
    docs = map(own_sentence_of, kind.__mro__)
    return next((doc for doc in docs if doc), "")


def own_sentence_of(kind: type) -> str:
    """Return the first line of the docstring that stands in the class itself, if one does."""
    doc = vars(kind).get("__doc__") or ""
    # A dataclass without words is given its signature for a docstring.
    return "" if doc.startswith(f"{kind.__name__}(") else doc.strip().partition("\n")[0]


def below_fields(kind: type) -> dict[str, str]:
    """Return the docstrings below the fields of a class and of its bases, by field.

    Empty where the source is not at hand.
    """
    said: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        said |= _said_in(base.__module__).get(base.__qualname__, {})
    return said


@cache
def _said_in(module: str) -> _Said:
    try:
        source = inspect.getsource(sys.modules[module])
    except (KeyError, OSError, TypeError):
        return {}
    return dict(_classes(ast.parse(source), ""))


def _classes(node: ast.Module | ast.ClassDef, prefix: str) -> Iterator[tuple[str, dict[str, str]]]:
    for child in node.body:
        if isinstance(child, ast.ClassDef):
            name = f"{prefix}{child.name}"
            yield name, dict(_fields(child))
            yield from _classes(child, f"{name}.")


def _fields(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for above, below in pairwise(node.body):
        match above, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, " ".join(text.split())
