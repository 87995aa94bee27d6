"""Deciding about one row: which record it means, and what the commands make of it."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID, uuid5

import msgspec

from commands.context import Caller, Command
from commands.dispatch import Dispatcher
from commands.exchange.fields import CUSTOM, nested, values_of
from commands.exchange.overlay import Overlay
from commands.exchange.results import Outcome, Result
from commands.exchange.sheet import Fixed, Sheet, Values, built
from commands.exchange.tables import Row
from commands.handlers import news, sent
from domain.actors import Actor
from domain.base import AggregateRoot
from domain.customers.customers import Customer
from domain.errors import Conflict, Invalid
from domain.reservations import Reservation, reservation_id
from eventstore.folding import rebuilt

NAMESPACE: Final = UUID("e8c4a9d0-5a0e-5d0b-9a5c-2f2f6a1f7c11")
"""Ids of imported records and of their commands follow from it; it may never change."""


class ReferenceUnknown(Invalid):
    """Column {column!r} names {cell!r}, which is not there; import that first, or correct it."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(**facts)
        self.field = str(facts["column"])


class RowRepeated(Conflict):
    """Row {row} is of the same customer and has the same first e-mail, or name; give each a uid."""

    field = "uid"


class Deciding:
    """Decides about rows; what they lead to is left on the overlay."""

    def __init__(
        self, sheet: Sheet, overlay: Overlay, dispatcher: Dispatcher, actor: Actor, file: str
    ) -> None:
        """Decide as `actor`; `dispatcher` appends to the overlay."""
        self._sheet = sheet
        self._overlay = overlay
        self._dispatcher = dispatcher
        self._actor = actor
        self._file = file
        self._row = 0
        self._meant: dict[UUID, int] = {}

    async def about(self, row: Row) -> Result:
        """Return what becomes of a row; raises what refuses it."""
        self._row = row.number
        values = await self._resolved(values_of(self._sheet.fields, row.values))
        record = await self._found(values)
        before = None if record is None else _facts(record)
        if record is None:
            record = await self._added(values)
        await self._require_fixed(record, values)
        record = await self._led(record, values)
        told = bool(self._overlay.pending)
        if before is None and told:
            return Result(row=row.number, outcome=Outcome.CREATED, id=record.id)
        changed = self._changed(before, record) if before is not None and told else []
        outcome = Outcome.CHANGED if told else Outcome.UNCHANGED
        return Result(row=row.number, outcome=outcome, id=record.id, fields=changed)

    async def _resolved(self, values: Values) -> Values:
        """Return the values with ids in place of the names of other records."""
        resolved = dict(values)
        for field in self._sheet.fields:
            if field.scope and field.path in values:
                cell = str(values[field.path])
                owners = await self._same(resolved[field.within]) if field.within else ()
                keys = [f"{owner} {cell}" for owner in owners] if owners else [cell]
                id = await self._first_holder([(field.scope, key) for key in keys if cell])
                if cell and id is None:
                    raise ReferenceUnknown(column=field.column.name, cell=cell)
                resolved[field.path] = id
        return resolved

    async def _found(self, values: Values) -> AggregateRoot | None:
        id = values.get("id")
        if id is not None and (record := await self._record(id)) is not None:
            return record
        if (names := await self._names(values)) is not None:
            holder = await self._first_holder(names)
            return None if holder is None else await self._record(holder)
        identity = self._identity(values)
        if self._sheet.identity is not None:
            self._require_alone(identity)
        return await self._record(uuid5(identity, self._sheet.kind.TOPIC))

    def _require_alone(self, identity: UUID) -> None:
        """Raise `RowRepeated` where another row means the same record by what is not unique."""
        row = self._meant.setdefault(identity, self._row)
        if row != self._row:
            raise RowRepeated(row=row)

    async def _added(self, values: Values) -> AggregateRoot:
        command = self._adding(values)
        accepted = await self._ask(command, self._identity(values))
        return await self._known(accepted)

    def _adding(self, values: Values) -> Command:
        facts = nested(values, {})
        if facts.get("status") not in (None, "prospect"):
            # Where it stands in the end is decided once it is there.
            del facts["status"]
        return built(self._sheet.add, facts)

    def _identity(self, values: Values) -> UUID:
        if self._sheet.identity is not None:
            return uuid5(NAMESPACE, f"{self._sheet.name} {self._sheet.identity(values)}")
        return _command_id(self._adding(values), 0)

    async def _led(self, record: AggregateRoot, values: Values) -> AggregateRoot:
        """Bring the record to where the row has it."""
        wanted = values.get("status", "")
        if wanted:
            record = await self._each(record, self._sheet.first(record, wanted))
        if (change := self._changing(record, values)) is not None:
            record = await self._each(record, [change])
        if (customizing := self._customizing(record, values)) is not None:
            record = await self._each(record, [customizing])
        return await self._each(record, self._sheet.last(record, wanted)) if wanted else record

    def _changing(self, record: AggregateRoot, values: Values) -> Command | None:
        target, *_ = self._sheet.change.__struct_fields__
        whole = built(self._sheet.change, nested(values, _facts(record)) | {target: record.id})
        facts = news(record, sent(whole, leaving_out=target))
        return built(self._sheet.change, facts | {target: record.id}) if facts else None

    def _customizing(self, record: AggregateRoot, values: Values) -> Command | None:
        stands = _facts(record)["custom"]
        said = {
            path.removeprefix(CUSTOM): None if value in ("", []) else value
            for path, value in values.items()
            if path.startswith(CUSTOM)
        }
        # What stands is not asked about again: its field may be archived by now, or take others;
        # and nothing is asked about a field that has no value, not even whether it is required.
        told = {key: value for key, value in said.items() if stands.get(key) != value}
        target, *_ = self._sheet.customize.__struct_fields__
        return built(self._sheet.customize, {target: record.id, "values": told}) if told else None

    async def _each(self, record: AggregateRoot, commands: Sequence[Command]) -> AggregateRoot:
        for command in commands:
            await self._ask(command, _command_id(command, record.version))
            record = await self._known(record.id)
        return record

    async def _ask(self, command: Command, id: UUID) -> UUID:
        source: dict[str, str | int] = {"system": "file", "file": self._file, "row": self._row}
        caller = Caller(actor=self._actor, command_id=id, source=source)
        return (await self._dispatcher.dispatch(command, caller)).id

    async def _require_fixed(self, record: AggregateRoot, values: Values) -> None:
        for path in self._sheet.fixed:
            stands = getattr(record, path)
            wanted = values.get(path, stands)
            if wanted != stands and wanted not in await self._same(stands):
                column = self._sheet.field(path).column.name
                raise Fixed(column=column, stands=str(stands), cell=str(values[path]))

    def _changed(self, before: dict[str, Any], record: AggregateRoot) -> list[str]:
        after = _facts(record)
        names = {name for name in after if before.get(name) != after[name]}
        paths = [field for field in self._sheet.fields if field.path.partition(".")[0] in names]
        return [
            field.column.name
            for field in paths
            if _part(before, field.path) != _part(after, field.path)
        ]

    async def _names(self, values: Values) -> list[tuple[str, str]] | None:
        """Return the names that the record may bear: a merged customer's count as well."""
        owner = values.get("customer_id")
        owners = [owner] if owner is None else await self._same(owner)
        names = [self._sheet.bears({**values, "customer_id": one}) for one in owners]
        return [name for name in names if name is not None] or None

    async def _same(self, value: Any) -> list[Any]:
        """Return the customers that count as this one, itself first; other values are alone."""
        customer = await self._customer(value)
        if customer is None:
            return [value]
        whole = customer.merged_into and await self._customer(customer.merged_into)
        whole = whole or customer
        return list(dict.fromkeys([value, whole.id, *whole.taken_in]))

    async def _customer(self, value: Any) -> Customer | None:
        if not isinstance(value, UUID):
            return None
        return await rebuilt(Customer, self._overlay.pages(value))

    async def _first_holder(self, names: Sequence[tuple[str, str]]) -> UUID | None:
        """Return who bears one of these names now, as scope and key, or None."""
        for name in names:
            taken = await rebuilt(Reservation, self._overlay.pages(reservation_id(*name)))
            if taken is not None and taken.holder is not None:
                return taken.holder
        return None

    async def _record(self, id: UUID) -> AggregateRoot | None:
        return await rebuilt(self._sheet.kind, self._overlay.pages(id))

    async def _known(self, id: UUID) -> AggregateRoot:
        record = await self._record(id)
        assert record is not None  # it was just decided about
        return record


def _command_id(command: Command, version: int) -> UUID:
    """Return the id of what is asked for a record at this version."""
    content = msgspec.json.encode((type(command).__name__, version, command))
    return uuid5(NAMESPACE, content.decode())


def _facts(record: AggregateRoot) -> dict[str, Any]:
    """Return the record's own fields as plain values."""
    names = [name for name in vars(record) if not name.startswith("_")]
    return {name: msgspec.to_builtins(getattr(record, name)) for name in names}


def _part(facts: dict[str, Any], path: str) -> Any:
    value: Any = facts
    for name in path.split("."):
        value = (value or {}).get(name)
    return value
