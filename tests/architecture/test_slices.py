"""A slice that is written but not registered is noticed: each missing line is named."""

import importlib
import inspect
import pkgutil
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

import pytest

import commands
import commands.table
import domain
import projections
import readapi
import readapi.table
from commands.context import Command
from domain.base import AggregateRoot
from domain.catalogue import AGGREGATES
from domain.reservations import Reservation
from infra.cli.audit import Kind
from projections import timeline
from projections.table import VIEWS
from projections.view import View
from readapi.context import Context
from readapi.parameters import Query
from readapi.resources import Resource
from readapi.table import RESOURCES
from tests.architecture.imports import Import, imports_below

TOPICS = {
    aggregate.__module__.rpartition(".")[2]: aggregate.TOPIC
    for aggregate in AGGREGATES
    if aggregate is not Reservation
}
"""The topic of each slice's aggregate; reservations only serve the others."""

ROOT = Path(__file__).parents[2]

SLICES = frozenset(aggregate.__module__ for aggregate in AGGREGATES)
"""The module of each aggregate, or its package: with all that is in it, one slice."""


def modules(package: ModuleType) -> Iterator[ModuleType]:
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(module.name)


def defined(package: ModuleType) -> Iterator[tuple[str, Any]]:
    """Yield what the modules of a package define themselves, by its full name."""
    for module in modules(package):
        for name, value in vars(module).items():
            if getattr(value, "__module__", None) == module.__name__:
                yield f"{module.__name__}.{name}", value


def is_answer(value: object) -> bool:
    """Tell whether a function takes a query and a context, and nothing else."""
    if not inspect.iscoroutinefunction(value) or value.__name__.startswith("_"):
        return False
    hints = get_type_hints(value)
    takes = [hints.get(name) for name in inspect.signature(value).parameters]
    match takes:
        case [type() as query, type() as context]:
            return issubclass(query, Query) and context is Context
        case _:
            return False


def test_every_aggregate_is_in_the_catalogue() -> None:
    found = [
        (name, value)
        for name, value in defined(domain)
        # One without a topic is what several have in common.
        if isinstance(value, type) and issubclass(value, AggregateRoot) and hasattr(value, "TOPIC")
    ]

    forgotten = [
        f"{name} is not in domain/catalogue.py." for name, kind in found if kind not in AGGREGATES
    ]

    assert {*AGGREGATES} <= {kind for _, kind in found}
    assert not forgotten, " ".join(forgotten)


def test_every_view_is_in_the_table() -> None:
    views = [
        (module.__name__, module.VIEW)
        for module in modules(projections)
        if isinstance(getattr(module, "VIEW", None), View)
    ]

    forgotten = [
        f"{name}.VIEW is not in projections/slices.py." for name, view in views if view not in VIEWS
    ]

    assert views
    assert not forgotten, " ".join(forgotten)


def test_every_aggregate_is_shown_by_a_view() -> None:
    shown = {topic for view in VIEWS for topic in view.topics}

    forgotten = [
        f"No view of projections/slices.py has {topic!r} among its topics."
        for topic in TOPICS.values()
        if topic not in shown
    ]

    assert not forgotten, " ".join(forgotten)


def test_every_command_is_in_the_table() -> None:
    found = [
        (name, value)
        for name, value in defined(commands)
        if isinstance(value, type) and issubclass(value, Command) and value is not Command
    ]
    known = {entry.command for entry in (*commands.table.TABLE, *commands.table.INTERNAL)}

    forgotten = [
        f"{name} is not in commands/table.py." for name, kind in found if kind not in known
    ]

    assert found
    assert not forgotten, " ".join(forgotten)


def test_the_id_of_a_route_fills_the_commands_target() -> None:
    paths = {slice_.replace("_", "-"): topic for slice_, topic in TOPICS.items()}
    targets = {f"/{path}/{{id}}": f"{topic}_id" for path, topic in paths.items()}
    named = [entry for entry in commands.table.TABLE if "{id}" in entry.route]

    unknown = [
        f"{entry.route!r} is about no aggregate of domain/catalogue.py."
        for entry in named
        if _record(entry.route) not in targets
    ]
    wrong = [
        f"{entry.command.__name__} has to begin with `{target}`: the id in {entry.route!r} fills"
        f" its first field, `{entry.target}`."
        for entry in named
        if (target := targets.get(_record(entry.route), entry.target)) != entry.target
    ]

    assert named
    assert not unknown + wrong, " ".join(unknown + wrong)


def _record(route: str) -> str:
    """Return the part of a route that names a record: `/tickets/{id}`."""
    path = route.partition(" ")[2]
    return path[: path.index("{id}") + len("{id}")]


def test_every_resource_is_in_the_table() -> None:
    found = [
        (name, value)
        for module in modules(readapi)
        for name, value in vars(module).items()
        if isinstance(value, Resource)
    ]

    forgotten = [
        f"{value.kind}: {name} is not in readapi/table.py."
        for name, value in found
        if value not in RESOURCES
    ]

    assert found
    assert not forgotten, " ".join(forgotten)


def test_every_answer_is_in_the_table() -> None:
    found = [(name, value) for name, value in defined(readapi) if is_answer(value)]
    known = {entry.answer for entry in readapi.table.TABLE}

    forgotten = [
        f"{name} is not in readapi/table.py." for name, value in found if value not in known
    ]

    assert found
    assert not forgotten, " ".join(forgotten)


def test_the_query_side_knows_no_aggregate() -> None:
    known = [
        f"{module.__name__} knows {value.__name__}: rows and documents are all it may see."
        for module in modules(readapi)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, AggregateRoot)
    ]

    assert not known, " ".join(known)


def test_every_record_that_can_be_read_has_a_timeline() -> None:
    forgotten = [
        f"{resource.kind} is not among the SLICES of projections/slices.py."
        for resource in RESOURCES
        if resource.kind not in timeline.VIEW.topics
    ]

    assert not forgotten, " ".join(forgotten)


def test_every_aggregate_can_be_audited() -> None:
    audited = {str(kind) for kind in Kind}

    forgotten = [
        f"`psa audit` does not know {topic!r}: it is not in readapi/table.py."
        for topic in TOPICS.values()
        if topic not in audited
    ]

    assert not forgotten, " ".join(forgotten)


def test_slices_of_an_area_never_import_each_other() -> None:
    imports = list(imports_below(ROOT / "domain"))

    wrong = crossing(imports, SLICES)

    assert {part_of(importer) for importer, _ in imports} >= SLICES
    assert not wrong, " ".join(wrong)


def crossing(imports: Iterable[Import], slices: Collection[str]) -> list[str]:
    """Say which imports lead from one part of an area to another, but for a slice's of a helper.

    A part is a module or a package right below the area. Slices stand side by side, and so do the
    helpers below them; what areas may import is in the contract `domain` of pyproject.toml.
    """
    wrong = []
    for importer, imported in imports:
        one, other = part_of(importer), part_of(imported)
        beside = one != other and area_of(one) == area_of(other) != "domain"
        if beside and (other in slices or one not in slices):
            wrong.append(f"{importer} may not import {imported}.")
    return wrong


def part_of(name: str) -> str:
    """Return the part of an area that has a name in it: `domain.desk.tickets`."""
    return ".".join(name.split(".")[:3])


def area_of(part: str) -> str:
    return part.rpartition(".")[0]


@pytest.mark.parametrize(
    ("path", "statement", "refused"),
    [
        ("flowers/roses.py", "from domain.flowers import tulips", "domain.flowers.tulips"),
        ("flowers/roses.py", "from domain.flowers.tulips import Tulip", "domain.flowers.tulips."),
        ("flowers/roses.py", "from .tulips import Tulip", "domain.flowers.tulips.Tulip"),
        ("flowers/tulips/bulbs.py", "import domain.flowers.roses", "domain.flowers.roses"),
        ("flowers/tulips/__init__.py", "from .. import roses", "domain.flowers.roses"),
        ("flowers/colours.py", "    import domain.flowers.roses", "domain.flowers.roses"),
        ("flowers/colours.py", "from domain.flowers.tulips.bulbs import x", ".tulips.bulbs.x"),
        ("flowers/colours.py", "import domain.flowers.scents", "domain.flowers.scents"),
        ("flowers/roses.py", "from domain.flowers.colours import RED", None),
        ("flowers/tulips/bulbs.py", "from domain.flowers.colours import RED", None),
        ("flowers/tulips/__init__.py", "from domain.flowers.tulips.bulbs import Bulbs", None),
        ("flowers/roses.py", "from domain.rules import Line", None),
        ("rules.py", "from domain.errors import Invalid", None),
    ],
)
def test_an_import_between_slices_is_refused(
    tmp_path: Path, path: str, statement: str, refused: str | None
) -> None:
    file = tmp_path / "domain" / path
    file.parent.mkdir(parents=True)
    file.write_text(f"if True:\n    pass\n{statement}\n")
    slices = {"domain.flowers.roses", "domain.flowers.tulips"}

    wrong = crossing(imports_below(tmp_path / "domain"), slices)

    assert len(wrong) == (refused is not None)
    assert all(refused in one for one in wrong if refused)
