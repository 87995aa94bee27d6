"""A line to PostgreSQL that breaks just when the good news arrives."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo


@asynccontextmanager
async def losing(answer: bytes, url: str, folder: Path, *, times: int) -> AsyncIterator[str]:
    """Give another address for `url`, where replies that contain `answer` are lost."""
    line = _Line(url, answer, times)
    async with await asyncio.start_unix_server(line.serve, folder / ".s.PGSQL.5432"):
        yield make_conninfo(url, host=str(folder), port=5432)
        await asyncio.gather(*line.calls)


class _Line:
    def __init__(self, url: str, answer: bytes, times: int) -> None:
        self._address = conninfo_to_dict(url)
        self._answer = answer
        self._times = times
        self.calls: list[asyncio.Task[None]] = []

    def serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        self.calls.append(asyncio.create_task(self._connect_both(client, to_client)))

    async def _connect_both(
        self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter
    ) -> None:
        server, to_server = await self._connect()
        await asyncio.gather(
            self._carry(client, to_server, lossy=False),
            self._carry(server, to_client, lossy=True),
        )

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, port = str(self._address["host"]), int(self._address.get("port") or 5432)
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)

    async def _carry(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, lossy: bool
    ) -> None:
        while data := await source.read(65536):
            if lossy and self._times and self._answer in data:
                self._times -= 1
                break
            target.write(data)
        target.close()
        await target.wait_closed()
