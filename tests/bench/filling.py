"""Views of a large provider, filled without a log: as many rows as asked for, always the same ones.

Each row's values are computed by Postgres from its number. They are as uneven as life: some
customers have thousands of tickets and most have a few, nine of ten tickets are closed and the
others are recent, some words are in every tenth name and some in one.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import psycopg
from sqlalchemy import Boolean, Column, DateTime, Integer, Table
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.schema import ColumnDefault

from projections.ddl import OWNER, act_as, index_statements, table_statements
from projections.schema import ensure
from projections.table import VIEWS

FUNCTIONS: Final = """
    create function rm.id(kind text, n bigint) returns uuid immutable language sql
        return md5(kind || n)::uuid;
    create function rm.share(n bigint, k bigint) returns float8 immutable language sql
        return (hashint8extended(n, k) & 4294967295) / 4294967296.0;
    create function rm.one(words text[], share float8) returns text immutable language sql
        return words[1 + floor(share * cardinality(words))];
    create function rm.few(many bigint, share float8) returns bigint immutable language sql
        return 1 + floor(many * share ^ 3);
"""
"""`share` is as good as a random number from 0 to 1, the `k`th of row `n`; `few` is a number up to
`many`, of which the low ones come often."""

NAME: Final = """
    rm.one('{Müller,Schmidt,Weber,Nordwind,Alpen,Hansa,Rhein,Elbe,Isar,Adler}',
                rm.share(n, 1)) || ' '
    || rm.one('{Werke,Logistik,Technik,Bau,Pflege,Energie,Handel,Druck}', rm.share(n, 2))
    || ' ' || rm.one('{GmbH,AG,KG}', rm.share(n, 3)) || ' ' || n
"""
PERSON: Final = """
    rm.one('{Anna,Ben,Clara,David,Eva,Felix,Greta,Hugo,Ida,Jan}', rm.share(n, 1)) || ' '
    || rm.one('{Berger,Zürn,Koch,Lang,Vogt,Arndt,Frank,Ott}', rm.share(n, 2)) || n
"""
EMAIL: Final = "'person-' || n || '@firm-' || n % :customers || '.example'"
PHONE: Final = "'+498031' || n"
ADDRESS: Final = """
    jsonb_build_object(
        'street', 'Hauptstraße ' || n, 'city', 'Ort ' || rm.few(2000, rm.share(n, 8)),
        'postal_code', lpad(rm.few(90000, rm.share(n, 9))::text, 5, '0'),
        'country', rm.one('{DE,DE,DE,DE,DE,DE,DE,AT,CH,FR}', rm.share(n, 7)))
"""
OF_A_CUSTOMER: Final = "rm.id('customers', rm.few(:customers, rm.share(n, 5)))"
OF_STAFF: Final = "rm.id('users', rm.few(50, rm.share(n, 10)))"
TAGS: Final = """
    case when rm.share(n, 6) < 0.5 then '{}'::text[]
         else array['tag-' || rm.few(200, rm.share(n, 11))] end
"""
CREATED: Final = "timestamptz '2020-01-01' + n * (interval '6 years' / :rows)"
OPEN: Final = "(rm.share(n, 20) < case when n > 0.85 * :rows then 0.6 else 0.012 end)"
"""Of the recent tickets most are open, of the old ones hardly any: a tenth of all."""
WHAT: Final = "rm.one('{Drucker,VPN,Outlook,Server,Telefon,Notebook}', rm.share(n, 1))"
TITLE: Final = f"{WHAT} || ' geht nicht, Platz ' || n"
STATUS: Final = f"""
    case when not {OPEN} then 'closed'
         else rm.one('{{new,assigned,assigned,in_progress,in_progress,waiting_customer,
                             waiting_third_party,resolved}}', rm.share(n, 21)) end
"""


ROWS: Final[Mapping[str, Mapping[str, str]]] = {
    "customers": {
        "number": "10000 + n",
        "name": NAME,
        "trade_name": "split_part((" + NAME + "), ' ', 1)",
        "name_key": f"lower({NAME})",
        "address": ADDRESS,
        "email_domains": "array['firm-' || n || '.example']",
        "status": """case when rm.share(n, 4) < 0.03 then 'former'
                          when rm.share(n, 4) < 0.05 then 'prospect' else 'active' end""",
        "custom": "jsonb_build_object('cost_centre', rm.few(1000, rm.share(n, 12))::text)",
        "merged_into": "case when n % 100 = 99 then rm.id('customers', n - 1) end",
        "account_manager_id": OF_STAFF,
        "parent_id": "case when n % 50 = 0 then rm.id('customers', 1 + n % 7) end",
        "vat_id": "'DE' || 100000000 + n",
        "tags": TAGS,
    },
    "contacts": {
        "name": PERSON,
        "name_key": f"lower({PERSON})",
        "salutation": "rm.one('{ms,mr,none}', rm.share(n, 4))",
        "email_addresses": f"array[{EMAIL}]",
        "emails": f"jsonb_build_array(jsonb_build_object('address', {EMAIL}, 'label', 'work'))",
        "phone_numbers": f"array[{PHONE}]",
        "phones": f"jsonb_build_array(jsonb_build_object('number', {PHONE}, 'label', 'work'))",
        "sought": f"lower({PERSON}) || E'\\n' || {EMAIL} || E'\\n' || {PHONE}",
        "roles": "array[rm.one('{main,main,main,main,technical,billing}', rm.share(n, 3))]",
        "language": "'de'",
        "custom": "jsonb_build_object('badge', n::text)",
        "merged_into": "case when n % 100 = 99 then rm.id('contacts', n - 1) end",
    },
    "locations": {"name": "'Werk ' || n", "address": ADDRESS},
    "interactions": {
        "kind": "rm.one('{call,call,call,email,email,note,visit}', rm.share(n, 1))",
        "direction": "rm.one('{inbound,outbound,none}', rm.share(n, 2))",
        "happened_at": CREATED,
        "subject": f"{WHAT} || ' besprochen, Fall ' || n",
        "text": "repeat('Sie wollen eine zweite Leitung. ', 5)",
        "contact_ids": "array[rm.id('contacts', rm.few(:contacts, rm.share(n, 7)))]",
    },
    "groups": {"name": "'Level ' || n", "description": "'Takes calls.'"},
    "users": {
        "name": PERSON,
        "email": "'user-' || n || '@firm-' || n || '.example'",
        "role": """case when n = 1 then 'admin' when n <= 50 then 'technician'
                        else 'customer' end""",
        "customer_id": "case when n > 50 then rm.id('customers', n) end",
        "status": "case when rm.share(n, 4) < 0.02 then 'deactivated' else 'active' end",
    },
    "tickets": {
        "ticket_number": "n",
        "title": TITLE,
        "contact_id": "rm.id('contacts', rm.few(:contacts, rm.share(n, 16)))",
        "location_id": "case when n % 3 = 0 then rm.id('locations', 1 + n % :customers) end",
        "description": "repeat('Seit heute Morgen geht es nicht mehr. ', 8)",
        "requester": """jsonb_build_object('name', 'Ada Zürn', 'email', 'ada@acme.example',
                                           'phone', '+49 30 901820')""",
        "category": """rm.one('{hardware,software,network,account}',
                                   rm.share(n, 2) ^ 3)""",
        "tags": TAGS,
        "source": """rm.one('{email,email,email,portal,portal,phone,monitoring,api}',
                                 rm.share(n, 3))""",
        "impact": "rm.one('{high,medium,low}', rm.share(n, 4))",
        "urgency": "rm.one('{high,medium,low}', rm.share(n, 4))",
        "priority_rank": "1 + floor(4 * rm.share(n, 9) ^ 0.4)",
        "priority": """rm.one('{critical,high,medium,low}', rm.share(n, 9) ^ 0.4)""",
        "status": STATUS,
        "assignee_id": f"case when rm.share(n, 12) < 0.9 then {OF_STAFF} end",
        "group_id": "rm.id('groups', rm.few(20, rm.share(n, 14)))",
        "external_system": "case when n % 5 = 0 then 'servicenow' end",
        "external_number": "case when n % 5 = 0 then 'INC' || lpad(n::text, 7, '0') end",
        "closed_at": f"case when not {OPEN} then {CREATED} + interval '1 day' end",
        "deleted_at": "case when rm.share(n, 15) < 0.01 then timestamptz '2026-01-02' end",
    },
    "search_documents": {
        "id": "rm.id('tickets', n)",
        "kind": "'ticket'",
        "number": "n::text",
        "title": TITLE,
        "body": "repeat('Seit heute Morgen geht es nicht mehr. ', 2)",
    },
}


def fill(url: str, *, customers: int, contacts: int, tickets: int) -> None:
    """Make the views and fill them with so many records, and their kin in proportion."""
    known = {"customers": customers, "contacts": contacts, "tickets": tickets}
    many = known | {
        "locations": customers,
        "interactions": contacts,
        "groups": 20,
        "users": 50 + customers // 10,
        "search_documents": tickets,
    }
    ensure(url)
    with psycopg.connect(url, autocommit=True) as connection:
        (owner,) = connection.execute(OWNER).fetchone() or ("",)
        connection.execute(act_as(owner))
        connection.execute("set maintenance_work_mem = '512MB'")
        connection.execute(FUNCTIONS)
        for table in (table for view in VIEWS for table in view.tables if table.name in many):
            _fill(connection, table, many[table.name], known)
        connection.execute("drop function rm.id, rm.share, rm.one, rm.few")
        connection.execute("update rm.checkpoints set position = %s", [tickets])
        connection.execute("vacuum (analyze)")


def _fill(
    connection: psycopg.Connection[Any], table: Table, rows: int, known: Mapping[str, int]
) -> None:
    # Indexes are made of the whole at once: that takes a third of the time.
    connection.execute(f"drop table rm.{table.name}")
    _run(connection, table_statements([table]))
    columns = [column for column in table.columns if column.computed is None]
    names = ", ".join(column.name for column in columns)
    values = ", ".join(_value(table, column) for column in columns)
    for name, number in {**known, "rows": rows}.items():
        values = values.replace(f":{name}", str(number))
    connection.execute(
        f"insert into rm.{table.name} ({names})"
        f" select {values} from generate_series(1::bigint, {rows}) as n".encode()
    )
    _run(connection, index_statements([table]))


def _value(table: Table, column: Column[Any]) -> str:
    """Return the SQL of a column: what is said above, else what its name and type say."""
    said = ROWS.get(table.name, {})
    common = {
        "id": f"rm.id('{table.name}', n)",
        "customer_id": OF_A_CUSTOMER,
        "created_at": CREATED,
        "updated_at": f"{CREATED} + rm.share(n, 30) * interval '30 days'",
        "version": "1 + (n % 9)",
        "position": "n",
    }
    expression = said.get(column.name) or common.get(column.name)
    if expression is not None:
        return expression
    if isinstance(column.default, ColumnDefault):
        return _literal(msgspec.to_builtins(column.default.arg), column)
    return "null" if column.nullable else _nothing(column)


def _nothing(column: Column[Any]) -> str:
    match column.type:
        case ARRAY():
            return _literal([], column)
        case JSONB():
            return _literal({}, column)
        case Boolean():
            return "false"
        case Integer():
            return "0"
        case DateTime():
            return CREATED
        case _:
            return "''"


def _literal(value: Any, column: Column[Any]) -> str:
    if isinstance(column.type, JSONB):
        return f"'{msgspec.json.encode(value).decode()}'::jsonb"
    return "'{}'" if isinstance(value, list) else f"'{value}'"


def _run(connection: psycopg.Connection[Any], statements: Sequence[bytes]) -> None:
    for statement in statements:
        connection.execute(statement)
