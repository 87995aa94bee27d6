"""The lines of the query API's table, and those that a resource adds to it."""

from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import Any

import msgspec

from domain.actors import Role
from readapi.asof import AsOf
from readapi.context import Context
from readapi.parameters import Query
from readapi.records import read_list, read_record
from readapi.resources import Resource
from readapi.timelines import Timeline, TimelinePage, read_timeline


class Entry(msgspec.Struct, frozen=True):
    """One line of the table."""

    path: str
    name: str
    """What it does, in a few words: `list tickets`."""
    promise: str
    answer: Callable[[Any, Context], Awaitable[Any]]
    query: type[Query]
    content: Any
    """What is answered."""
    may: Collection[Role]
    """The roles that may ask; what each of them sees is up to the answer."""
    named_by: str | None = None
    """What the path's `{id}` takes, where it has one."""


def entries_of(resource: Resource) -> tuple[Entry, Entry, Entry]:
    """Return the lines of a resource: its list, one record, and that one's timeline."""
    naming, may = resource.named_by, resource.may
    one = f"{resource.path}/{{id:{'str' if naming else 'uuid'}}}"
    names = f"{naming.description} Commands take the id only." if naming else "The id."
    many, kind = (
        text.replace("-", " ").replace("_", " ").strip("/")
        for text in (resource.path, resource.kind)
    )
    return (
        Entry(
            resource.path,
            f"list {many}",
            f"Return a page of {many}.",
            partial(read_list, resource),
            resource.query,
            resource.page,
            may,
        ),
        Entry(
            one,
            f"read {kind}",
            f"Return one {kind}, as it stands or stood.",
            partial(read_record, resource),
            AsOf,
            resource.document,
            may,
            names,
        ),
        Entry(
            f"{one}/timeline",
            f"read {kind} timeline",
            f"Return a page of what happened to one {kind}.",
            partial(read_timeline, resource),
            Timeline,
            TimelinePage,
            may,
            names,
        ),
    )
