"""Whole lists, as the query API shows them to an administrator."""

from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import msgspec

from domain.customers.custom_fields import RecordKind
from domain.field_rules import FieldKind
from infra import bootstrap
from readapi.context import Asked, Context, Patience, Sources
from readapi.cursors import START
from readapi.customers import custom_fields
from readapi.parameters import read
from readapi.records import read_list
from readapi.resources import Resource

LIMIT: Final = "100"


async def documents_of(
    sources: Sources, resource: Resource, **narrowed: str
) -> list[dict[str, Any]]:
    """Return the documents of a whole list, read page by page; raises `Unavailable`."""
    found: list[dict[str, Any]] = []
    given = {name: [value] for name, value in narrowed.items()} | {"limit": [LIMIT]}
    cursor = START
    while cursor:
        given["cursor"] = [cursor]
        asked = Asked(resource.path, given)
        ctx = Context(sources, bootstrap.LOCAL_ADMIN, asked, Patience())
        page = await read_list(resource, read(resource.query, given), ctx)
        found += [msgspec.to_builtins(document) for document in page.data]
        following = parse_qs(urlsplit(page.links.next or "").query)
        cursor = following.get("cursor", [""])[0]
    return found


async def custom_fields_of(sources: Sources, of: RecordKind) -> dict[str, FieldKind]:
    """Return what each custom field that is in use holds, by its key; raises `Unavailable`."""
    narrowed = {"record_kind": of.value, "status": "active"}
    found = await documents_of(sources, custom_fields.RESOURCE, **narrowed)
    return {one["key"]: FieldKind(one["rules"]["kind"]) for one in found}
