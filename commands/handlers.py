"""Handlers made from decisions, for commands that need nothing else.

A command's first field names its record, its other fields are named like those of the event or of
the method that decides. Records that a field refers to (`customer_id=Customer`) must exist, be
visible and be in use.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from msgspec import UNSET

from commands.context import Command, Context
from commands.dispatch import Handler
from domain.base import ENVELOPE, AggregateRoot, Change, Created
from domain.checks import KEPT

Kinds = Mapping[str, type[AggregateRoot]]
"""The kind of record that each of some fields refers to."""


def begin(
    kind: type[AggregateRoot], event: type[Created], **refers: type[AggregateRoot]
) -> Handler:
    """Return the handler that adds a record: the command's fields are those of its first event."""

    async def handler(cmd: Command, ctx: Context) -> None:
        facts = sent(cmd)
        await look_up(ctx, facts, refers)
        ctx.add(kind.begin(ctx.new_id(kind.TOPIC), event, ctx.now(), **facts))

    return handler


def change(
    kind: type[AggregateRoot], *events: type[Change], **refers: type[AggregateRoot]
) -> Handler:
    """Return the handler that changes what was sent: each field by the event that has it.

    What else such an event tells stays as the record has it.
    """

    async def handler(cmd: Command, ctx: Context) -> None:
        target, *_ = cmd.__struct_fields__
        record = await ctx.load(kind, getattr(cmd, target))
        facts = sent(cmd, leaving_out=target)
        await look_up(ctx, news(record, facts), refers)
        apply_changes(record, events, facts, ctx)

    return handler


def on(
    kind: type[AggregateRoot], decision: Callable[..., None], **refers: type[AggregateRoot]
) -> Handler:
    """Return the handler that loads the record and calls this decision with the other fields."""

    async def handler(cmd: Command, ctx: Context) -> None:
        target, *_ = cmd.__struct_fields__
        record = await ctx.load(kind, getattr(cmd, target))
        facts = sent(cmd, leaving_out=target)
        await look_up(ctx, facts, refers)
        decision(record, **facts, at=ctx.now())

    return handler


def sent(cmd: Command, *, leaving_out: str = "") -> dict[str, Any]:
    """Return the command's fields as facts: without those that were not sent."""
    values = {name: getattr(cmd, name) for name in cmd.__struct_fields__ if name != leaving_out}
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in values.items()
        if value is not UNSET
    }


def news(record: AggregateRoot, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts that the record does not have already."""
    return {name: value for name, value in facts.items() if getattr(record, name) != value}


def apply_changes(
    record: AggregateRoot, events: tuple[type[Change], ...], facts: Mapping[str, Any], ctx: Context
) -> None:
    """Change what the facts name: each by the event that has it, in the order of the events."""
    for event in events:
        names = [f.name for f in fields(event) if f.name not in ENVELOPE]
        if facts.keys() & set(names):
            kept = [name for name in names if getattr(event, name, None) is not KEPT]
            known = {name: getattr(record, name) for name in kept}
            told = {name: facts[name] for name in names if name in facts}
            record.change(event, ctx.now(), **known | told)


async def look_up(ctx: Context, facts: Mapping[str, Any], refers: Kinds) -> None:
    """See that what the facts refer to is there and in use; raises what refuses it."""
    for name, kind in refers.items():
        if facts.get(name) is not None:
            (await ctx.look(kind, facts[name])).require_active()
