"""The rows of the views: what the old code made of the log, beside what the new code makes of it.

Both stand in one database, so that the database compares them: by key, column by column, each
value as JSON, whatever its type has become.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import psycopg
from psycopg.sql import SQL, Composed, Identifier, Literal

from tests.prove.renamed import AS_IT_WAS, TABLES, Renamed

COLUMNS: Final = """
    select table_name, array_agg(column_name::text order by ordinal_position)
      from information_schema.columns
     where table_schema = %s and table_name <> 'checkpoints'
     group by table_name
     order by table_name
"""
KEY: Final = """
    select attname
      from pg_index join pg_attribute on attrelid = indrelid and attnum = any (indkey)
     where indisprimary and indrelid = %s::regclass
"""
COMPARE: Final = """
    with pairs as (
        select was.{key}::text as key,
               case when now.{new_key} is null then array['the row is gone']
                    else array_remove(array[{columns}], null) end as wrong
          from was.{old} as was
          left join rm.{new} as now on now.{new_key}::text = was.{key}::text
        union all
        select now.{new_key}::text, array['the row is new']
          from rm.{new} as now
         where not ({more})
           and not exists (select from was.{old} as was where was.{key}::text = now.{new_key}::text)
    )
    select (select count(*) from was.{old}),
           count(*) filter (where wrong <> '{{}}'),
           (array_agg(key || ': ' || array_to_string(wrong, '; ') order by key)
              filter (where wrong <> '{{}}'))[1:{named}],
           (select count(*) from rm.{new} where {more})
      from pairs
"""
COLUMN: Final = """
    case when to_jsonb(now.{new}) is distinct from to_jsonb(was.{old})
          and {renamed} is not true
         then format('%s is %s, was %s', {name},
                     left(coalesce(to_jsonb(now.{new})::text, 'null'), 60),
                     left(coalesce(to_jsonb(was.{old})::text, 'null'), 60)) end
"""
NAMED: Final = 5
"""How many differences are named."""


def keep(connection: psycopg.Connection) -> dict[str, int]:
    """Put the rows aside, and return how many there are of each table.

    The views are left empty: what is in them afterwards, the new code has folded from the log.
    """
    connection.execute("create schema was")
    for table in _columns(connection, "rm"):
        old, key = Identifier(table), Identifier(_key(connection, "rm", table))
        for statement in (
            SQL("create table was.{} as table rm.{}").format(old, old),
            SQL("alter table was.{} add primary key ({})").format(old, key),
            SQL("truncate rm.{}").format(old),
        ):
            connection.execute(statement)
    return {
        table: _one(connection, SQL("select count(*) from was.{}").format(Identifier(table)))[0]
        for table in _columns(connection, "was")
    }


def compare(connection: psycopg.Connection) -> Iterator[dict[str, Any]]:
    """Yield for each of the old tables how many of its rows are different, and the first ones."""
    tables = _columns(connection, "rm")
    for old, columns in _columns(connection, "was").items():
        renamed = TABLES.get(old, AS_IT_WAS)
        new = renamed.table if renamed.table in tables else old
        if new not in tables:
            yield {"table": old, "different": 1, "first": ["the table is gone"]}
            continue
        names = {
            column: alias if (alias := renamed.columns.get(column)) in tables[new] else column
            for column in columns
        }
        yield _compared(connection, old, new, names, set(tables[new]), renamed)


def _compared(  # noqa: PLR0917 - one caller
    connection: psycopg.Connection,
    old: str,
    new: str,
    names: dict[str, str],
    present: set[str],
    renamed: Renamed,
) -> dict[str, Any]:
    key = _key(connection, "was", old)
    checks = [
        _check(column, name, renamed.values.get(column, {}))
        if name in present
        else SQL("{}").format(Literal(f"{column} is gone"))
        for column, name in names.items()
        if name in present or column not in renamed.elsewhere
    ]
    rows, different, first, more = _one(
        connection,
        SQL(COMPARE).format(
            old=Identifier(old),
            new=Identifier(new),
            key=Identifier(key),
            new_key=Identifier(names[key]),
            columns=SQL(", ").join(checks),
            more=SQL(renamed.more),
            named=Literal(NAMED),
        ),
    )
    report = {"table": old, "rows": rows, "different": different}
    report |= {"now": new} if new != old else {}
    if moved := renamed.elsewhere - present:
        report["elsewhere"] = sorted(moved)
    report |= {"new_columns": sorted(present - set(names.values())), "new_rows": more}
    return report | ({"first": first} if first else {})


def _check(column: str, name: str, values: Mapping[str, str]) -> Composed:
    old, new = Identifier(column), Identifier(name)
    renamed = [
        SQL("(was.{}::text, now.{}::text) = ({}, {})").format(old, new, before, after)
        for before, after in values.items()
    ]
    either = SQL("({})").format(SQL(" or ").join([SQL("false"), *renamed]))
    return SQL(COLUMN).format(old=old, new=new, name=Literal(column), renamed=either)


def _columns(connection: psycopg.Connection, schema: str) -> dict[str, list[str]]:
    return dict(connection.execute(COLUMNS, [schema]).fetchall())


def _key(connection: psycopg.Connection, schema: str, table: str) -> str:
    found = connection.execute(KEY, [f'{schema}."{table}"']).fetchall()
    assert len(found) == 1, f"{schema}.{table} has no primary key of one column."
    return str(found[0][0])


def _one(connection: psycopg.Connection, query: Composed) -> tuple[Any, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row
