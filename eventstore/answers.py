"""Answers already given, so that a repeated request gets the same one."""

from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool


class Answer(msgspec.Struct, frozen=True):
    """One answer, byte for byte."""

    request_hash: bytes
    status: int
    headers: bytes
    body: bytes


class Answers:
    """The answers of the last 24 hours, by command id."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection]) -> None:
        self._pool = pool

    async def find(self, command_id: UUID) -> Answer | None:
        """Return the answer this command got within the last 24 hours, or None."""
        async with self._pool.connection() as connection:
            cursor = connection.cursor(binary=True, row_factory=class_row(Answer))
            await cursor.execute(
                "select request_hash, status, headers, body from es.answers"
                " where command_id = %s and recorded_at > now() - interval '24 hours'",
                (command_id,),
            )
            return await cursor.fetchone()

    async def keep(self, command_id: UUID, answer: Answer) -> None:
        """Remember an answer; the first one given stays."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "insert into es.answers (command_id, request_hash, status, headers, body)"
                " values (%s, %s, %s, %s, %s) on conflict do nothing",
                (command_id, answer.request_hash, answer.status, answer.headers, answer.body),
            )

    async def forget(self) -> None:
        """Delete the answers that are older than 24 hours."""
        async with self._pool.connection() as connection:
            await connection.execute("select es.forget_answers(interval '24 hours')")
