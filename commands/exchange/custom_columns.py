"""Columns of custom fields: `custom.<key>`, as a table has the values of each kind.

Nothing is checked here: what does not fit is left as it is written, and the command refuses it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from commands.context import History
from commands.exchange.columns import Column
from commands.exchange.fields import CUSTOM, YES_OR_NO, Field, joined, several
from commands.exchange.sheet import Sheet
from domain.customers.custom_fields import SCOPE, CustomField, RecordKind, named
from domain.field_rules import FieldKind
from domain.reservations import Reservation, reservation_id
from eventstore.folding import rebuilt

_INTEGER: Final = re.compile(r"-?[0-9]{1,16}")


def keys_of(header: Iterable[str]) -> list[str]:
    """Return the keys of the custom fields that a header names, whether there are such or not."""
    words = (cell.strip().casefold() for cell in header)
    return [word.removeprefix(CUSTOM) for word in words if word.startswith(CUSTOM)]


async def kinds_in(log: History, of: RecordKind, keys: Iterable[str]) -> dict[str, FieldKind]:
    """Return what each of these custom fields holds, archived ones included; unknown are left out.

    The log is asked, as the commands ask it: a view might not know the newest.
    """
    fields = {key: await _field(log, named(of, key)) for key in keys}
    # Who looks a name up does not tell capitals from small letters; a key has no capitals.
    return {key: one.rules.kind for key, one in fields.items() if one and one.key == key}


async def _field(log: History, name: str) -> CustomField | None:
    taken = await rebuilt(Reservation, log.pages(reservation_id(SCOPE, name)))
    if taken is None or taken.holder is None:
        return None
    return await rebuilt(CustomField, log.pages(taken.holder))


def customized(sheet: Sheet, kinds: Mapping[str, FieldKind]) -> Sheet:
    """Return the sheet with a column for each custom field, by its key, behind its own columns."""
    columns = tuple(_column(key, kinds[key]) for key in sorted(kinds))
    return msgspec.structs.replace(sheet, fields=(*sheet.fields, *columns))


def _column(key: str, kind: FieldKind) -> Field:
    read, written = _FORMS.get(kind, (str.strip, str))
    return Field(f"{CUSTOM}{key}", Column(f"{CUSTOM}{key}"), read, written)


def _integer(cell: str) -> int | str:
    return int(cell) if _INTEGER.fullmatch(cell.strip()) else cell.strip()


def _number(cell: str) -> str:
    return cell.strip().replace(",", ".")


def _boolean(cell: str) -> bool | str:
    return YES_OR_NO.get(cell.strip().casefold(), cell.strip())


_FORMS: Final[Mapping[FieldKind, tuple[Callable[[str], Any], Callable[[Any], str]]]] = {
    FieldKind.INTEGER: (_integer, str),
    FieldKind.NUMBER: (_number, str),
    FieldKind.BOOLEAN: (_boolean, lambda value: "yes" if value else "no"),
    FieldKind.CHOICES: (several, joined),
}
"""How the values of a kind are read and written, where that is more than text."""
