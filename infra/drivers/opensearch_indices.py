"""The indices behind the alias: one is in use, and a rebuild fills the next one beside it."""

from itertools import count

from opensearchpy import AsyncOpenSearch

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

    async def wants_rebuild(self) -> bool:
        """Tell whether the index in use, if there is one, has to be built anew."""
        if not await self._indices.exists_alias(name=self._alias):
            # None is made here: an empty one would answer, and nobody would ask another engine.
            return True
        mappings = await self._indices.get_mapping(index=self._alias)
        return any(index["mappings"].get("_meta") != FILLED for index in mappings.values())

    async def begin(self) -> str:
        """Make the next index and return its name; it shows nothing while it is filled."""
        present = await self._present()
        names = (self._name if n == 1 else f"{self._name}-{n}" for n in count(1))
        name = next(name for name in names if name not in present)
        body = definition() | {"aliases": {filling(name): {}}}
        body["settings"] |= {"refresh_interval": "-1"}
        await self._indices.create(index=name, body=body)
        return name

    async def switch(self, name: str, size: int) -> None:
        """Put the filled index in the place of the one in use; raises `RebuildIncomplete`."""
        await self._indices.put_settings(index=name, body={"index": {"refresh_interval": None}})
        await self._indices.refresh(index=name)
        found = (await self._client.count(index=name))["count"]
        if found != size:
            raise RebuildIncomplete(size, found)
        await self._indices.put_mapping(index=name, body={"_meta": FILLED})
        old = {"index": f"{self._alias}-v*", "alias": self._alias, "must_exist": False}
        new = {"index": name, "alias": self._alias}
        await self._indices.update_aliases(body={"actions": [{"remove": old}, {"add": new}]})

    async def discard_unused(self) -> None:
        """Delete the indices that are not in use."""
        used = await self._indices.get_alias(name=self._alias)
        for name in await self._present():
            if name not in used:
                await self._indices.delete(index=name)

    async def _present(self) -> list[str]:
        return list(await self._indices.get(index=f"{self._alias}-v*"))


def filling(name: str) -> str:
    """Return the alias through which an index is filled: none comes to be by being written to."""
    return f"{name}-filling"
