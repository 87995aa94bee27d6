"""The indices behind the alias: one is in use, and a rebuild fills the next one beside it."""

from itertools import count
from typing import Any

from opensearchpy import AsyncOpenSearch, RequestError

from infra.drivers.opensearch_index import SHAPE, definition

FILLED = {"shape": SHAPE, "filled": True}


class RebuildIncomplete(Exception):
    """The new index does not hold what was written to it; the old one stays in use."""

    def __init__(self, written: int, found: int) -> None:
        super().__init__(f"Of {written} documents the new index holds {found}.")


class Indices:
    """The indices `<alias>-v<shape>`, and `…-2`, `…-3` where a shape was built again."""

    def __init__(self, client: AsyncOpenSearch, alias: str) -> None:
        """Look after the indices behind `alias`."""
        self._indices = client.indices
        self._client = client
        self._alias = alias
        self._name = f"{alias}-v{SHAPE}"

    async def ensure(self) -> bool:
        """Make index and alias where there are none; return whether a rebuild is wanted."""
        if not await self._indices.exists_alias(name=self._alias):
            await self._create_first()
        mappings = await self._indices.get_mapping(index=self._alias)
        return any(index["mappings"].get("_meta") != FILLED for index in mappings.values())

    async def begin(self) -> str:
        """Make the next index and return its name; it shows nothing while it is filled."""
        present = await self._present()
        names = (self._name if n == 1 else f"{self._name}-{n}" for n in count(1))
        name = next(name for name in names if name not in present)
        await self._create(name, refresh_interval="-1")
        return name

    async def switch(self, name: str, size: int) -> None:
        """Put the filled index in the place of the one in use; raises `RebuildIncomplete`."""
        await self._indices.put_settings(index=name, body={"index": {"refresh_interval": None}})
        await self._indices.put_mapping(index=name, body={"_meta": FILLED})
        await self._indices.refresh(index=name)
        found = (await self._client.count(index=name))["count"]
        if found != size:
            raise RebuildIncomplete(size, found)
        actions = [
            {"remove": {"index": f"{self._alias}-v*", "alias": self._alias, "must_exist": False}},
            {"add": {"index": name, "alias": self._alias}},
        ]
        await self._indices.update_aliases(body={"actions": actions})

    async def discard(self, *, all_but: str) -> None:
        """Delete the other indices."""
        for name in await self._present():
            if name != all_but:
                await self._indices.delete(index=name)

    async def _present(self) -> list[str]:
        return list(await self._indices.get(index=f"{self._alias}-v*"))

    async def _create_first(self) -> None:
        try:
            await self._create(self._name, aliases={self._alias: {}})
        except RequestError as error:
            # Several processes may start at once: one of them is first.
            if error.error != "resource_already_exists_exception":
                raise

    async def _create(
        self, name: str, *, aliases: dict[str, Any] | None = None, **settings: Any
    ) -> None:
        body = definition()
        body["settings"] |= settings
        await self._indices.create(index=name, body=body | {"aliases": aliases or {}})
