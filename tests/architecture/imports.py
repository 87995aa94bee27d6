"""Which module of a package imports what, read from its source."""

import ast
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path
from typing import NamedTuple


class Import(NamedTuple):
    """One module names another, or something in it."""

    importer: str
    imported: str


def imports_below(folder: Path) -> Iterator[Import]:
    """Yield what the modules of a package import; `from a import b` is an import of `a.b`."""
    for file in sorted(folder.rglob("*.py")):
        path = file.relative_to(folder.parent).with_suffix("")
        package = ".".join(path.parts[:-1])
        importer = package if path.name == "__init__" else ".".join(path.parts)
        for node in ast.walk(ast.parse(file.read_text())):
            yield from (Import(importer, name) for name in _named(node, package))


def _named(node: ast.AST, package: str) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=module, names=names, level=level):
            source = resolve_name("." * level + (module or ""), package)
            yield from (f"{source}.{alias.name}" for alias in names)
