"""One hash over all rows of a view: equal if and only if the rows are, in whatever order."""

import hashlib
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.sql import SQL, Identifier

from projections.view import View

# Sums do not depend on the order of the rows; two seeds make 128 bits of them. `offset 0` keeps
# the text from being made once for each.
SUMS: Final = """
    select count(*),
           coalesce(sum(hashtextextended(line, 0)::numeric), 0),
           coalesce(sum(hashtextextended(line, 1)::numeric), 0)
      from (select row::text as line from {} as row offset 0) as lines
"""


async def hash_in(connection: AsyncConnection[Any], view: View, schema: str = "rm") -> str:
    """Return the hash of the view's tables in a schema, within the caller's transaction."""
    digest = hashlib.sha256()
    for table in view.tables:
        name = Identifier(schema, table.name)
        cursor = await connection.execute(SQL(SUMS).format(name))
        digest.update(repr((table.name, *map(str, await cursor.fetchone() or ()))).encode())
    return digest.hexdigest()
