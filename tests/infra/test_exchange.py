"""What is exported can be imported: into the same installation, and into an empty one."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid5

import psycopg
import pytest
from typer.testing import CliRunner, Result

from domain.customers.custom_fields import CustomField, RecordKind
from domain.field_rules import FieldKind, FieldRules
from domain.reservations import Reservation
from eventstore.personal import keys
from eventstore.personal.keys import KeyStore
from eventstore.personal.vault import Vault
from infra.cli import app
from infra.embedded import Urls
from infra.master_key import open_master_key
from infra.settings import Settings
from projections.schema import ensure
from tests.conftest import Database, own_database
from tests.given import T0
from tests.readapi import world
from tests.readapi.folding import fold_all

CUSTOMERS = (
    "number;name;trade_name;register_court;register_number;street;postal_code;city;country;"
    "email_domains;status;language;vat_id;currency;payment_days;invoice_email;tags;notes;parent\n"
    "10002;Huber GmbH;=Huber;Amtsgericht Berlin;HRB 1;Am Markt 1;10115;Berlin;DE;"
    "huber.example, huber.test;on_hold;en;DE136695976;CHF;30;bill@huber.example;"
    '"gold, silver";"Rings; twice.\n-at least";10001\n'
    "10001;Huber Holding;;;;;;;;;former;;;;;;;;\n"
    "10003;Interested AG;;;;;;;;;prospect;;;;;;;;\n"
)
LOCATIONS = (
    "customer;name;street;postal_code;city;country;opening_hours;access_notes;latitude;longitude;"
    "status\n"
    "10002;Plant;Am Markt 1;10115;Berlin;DE;Mo-Fr;Ring.;52.5163;-0.0000001;\n"
    "10002;Annex;;;;AT;;;;;archived\n"
)
CONTACTS = (
    "customer;name;title;salutation;job_title;roles;emails;phones;location;language;notes;"
    "do_not_contact;status\n"
    "10002;Ada Zürn;Dr.;ms;Einkauf;main, technical;ada@huber.example (work), li@home.example;"
    "+49 30 901820 (desk);Plant;de;Rings.;yes;\n"
    "10002;Ada Zürn;;;;;;;;;;;archived\n"
)
CUSTOM = {
    "customers": "number;name;custom.plan;custom.seats\n10002;Huber GmbH;'=daily;12\n",
    "locations": "customer;name;country;custom.plan;custom.seats\n10002;Plant;DE;;0\n",
    "contacts": "customer;name;custom.plan;custom.seats\n10002;Ada Zürn;+49;\n",
}
FILES = {"customers": CUSTOMERS, "locations": LOCATIONS, "contacts": CONTACTS}


class Installation:
    """A platform that is used by the command line."""

    def __init__(self, database: Database, urls: Urls, folder: Path) -> None:
        ensure(database.url)
        self.url, self._folder = database.url, folder
        self.env = {
            "PSA_HOME": str(folder / "home"),
            "PSA_POSTGRES_URL": database.url,
            "PSA_KEYS_URL": database.url,
            "PSA_NATS_URL": urls.nats,
            "PSA_REDIS_URL": urls.redis,
        }

    def psa(self, *arguments: str, code: int = 0) -> Result:
        told = CliRunner().invoke(app, arguments, env=self.env, catch_exceptions=False)
        assert told.exit_code == code, told.output
        return told

    def take(self, kind: str, data: bytes, *more: str, code: int = 0) -> Any:
        """Import a file, and return its report."""
        file = self._folder / f"{kind}.csv"
        file.write_bytes(data)
        return json.loads(self.psa("import", kind, str(file), "--json", *more, code=code).stdout)

    def give(self, kind: str, *more: str) -> bytes:
        """Return what is exported, once the views show all of it."""
        self.fold()
        return self.psa("export", kind, *more).stdout_bytes

    def fold(self) -> None:
        """Bring all views up to date."""
        asyncio.run(self._fold())

    async def _fold(self) -> None:
        master = open_master_key(Settings(home=self._folder / "home").master_key)
        async with keys.open_pool(self.url) as pool:
            await fold_all(self.url, vault=Vault(KeyStore(pool, master)))

    def define(self, key: str, kind: FieldKind) -> None:
        """Let all kinds of records have one more field."""
        with psycopg.connect(self.url) as connection:
            for record_kind in RecordKind:
                field = CustomField.begin(
                    uuid5(world.NAMESPACE, f"{record_kind} {key}"),
                    CustomField.Defined,
                    T0,
                    record_kind=record_kind,
                    key=key,
                    label_de=key,
                    label_en=key,
                    rules=FieldRules(kind),
                )
                (name,) = field.names()
                claimed = Reservation.claim(*name, holder=field.id, at=T0)
                world.write(connection, field, claimed)

    def events(self) -> int:
        with psycopg.connect(self.url) as connection:
            (count,) = connection.execute("select count(*) from es.events").fetchone() or (0,)
        return int(count)


@pytest.fixture
def one(urls: Urls, tmp_path: Path) -> Iterator[Installation]:
    with own_database(urls, "exchange") as database:
        yield Installation(database, urls, tmp_path)


@pytest.fixture
def other(urls: Urls, tmp_path: Path) -> Iterator[Installation]:
    with own_database(urls, "exchange") as database:
        yield Installation(database, urls, tmp_path)


def test_what_is_exported_changes_nothing_when_it_is_imported(one: Installation) -> None:
    for kind, text in FILES.items():
        one.take(kind, text.encode())
    exported = {kind: one.give(kind) for kind in FILES}
    before = one.events()

    reports = [one.take(kind, data) for kind, data in exported.items()]

    assert [report["counts"]["unchanged"] for report in reports] == [3, 2, 2]
    assert one.events() == before


def test_what_is_imported_elsewhere_is_exported_there_alike(
    one: Installation, other: Installation
) -> None:
    for kind, text in FILES.items():
        one.take(kind, text.encode())
    exported = {kind: one.give(kind) for kind in FILES}

    for kind, data in exported.items():
        other.take(kind, data)

    for kind, data in exported.items():
        assert _without_ids(other.give(kind)) == _without_ids(data)


def test_vcards_that_are_exported_change_nothing_when_they_are_imported(
    one: Installation, tmp_path: Path
) -> None:
    for kind, text in FILES.items():
        one.take(kind, text.encode())
    cards = tmp_path / "people.vcf"
    cards.write_bytes(one.give("contacts", "--format", "vcard"))
    before = one.events()

    told = one.psa("import", "contacts", str(cards), "--customer", "10002", "--json")

    assert json.loads(told.stdout)["counts"]["unchanged"] == 2
    assert one.events() == before


def test_vcards_need_the_number_of_their_customer(one: Installation, tmp_path: Path) -> None:
    cards = tmp_path / "people.vcf"
    cards.write_text("BEGIN:VCARD\nVERSION:3.0\nFN:Ada\nEND:VCARD\n")

    told = one.psa("import", "contacts", str(cards), code=2)

    assert "--customer" in told.stderr


def test_a_dry_run_says_what_would_be_and_records_nothing(one: Installation) -> None:
    report = one.take("customers", CUSTOMERS.encode(), "--dry-run")

    assert report["counts"] == {"created": 3, "changed": 0, "unchanged": 0, "refused": 0}
    assert report["dry_run"]
    assert one.events() == 0


def test_refused_rows_are_told_to_people_with_the_way_out(
    one: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("number;name;payment_days\n1;Huber;soon\n2;Maier;14\n")

    told = one.psa("import", "customers", str(file), code=1)

    takes = "Column 'payment_days' takes a whole number, not 'soon'; correct the cell."
    assert told.stdout.splitlines() == [
        f"row 2: refused (payment_days): {takes} [CellInvalid]",
        "row 3: created",
        "rows.csv: 1 created, 0 changed, 0 unchanged, 1 refused; 2 events",
    ]


def test_a_file_that_can_not_be_read_is_refused_before_anything_is_recorded(
    one: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "old.csv"
    file.write_bytes("number;name\n1;Huber\n2;Bäcker\n".encode("cp1252"))

    told = CliRunner().invoke(app, ["import", "customers", str(file)])

    assert "Line 3" in str(told.exception)
    assert "--encoding cp1252" in str(told.exception)
    assert one.events() == 0


def test_locations_of_one_customer_are_exported_alone(one: Installation) -> None:
    for kind, text in FILES.items():
        one.take(kind, text.encode())

    exported = one.give("locations", "--customer", "10001")

    assert len(exported.splitlines()) == 1


def test_values_of_custom_fields_go_from_one_installation_into_another(
    one: Installation, other: Installation
) -> None:
    for installation in (one, other):
        installation.define("plan", FieldKind.TEXT)
        installation.define("seats", FieldKind.INTEGER)
    for kind, text in CUSTOM.items():
        one.take(kind, text.encode())
    exported = {kind: one.give(kind) for kind in CUSTOM}

    for kind, data in exported.items():
        other.take(kind, data)

    for kind, data in exported.items():
        assert data.splitlines()[0].endswith(b"custom.plan;custom.seats")
        assert _without_ids(other.give(kind)) == _without_ids(data)
        assert one.take(kind, data)["counts"]["unchanged"] == 1


def test_vcards_say_nothing_of_custom_fields(one: Installation) -> None:
    one.define("plan", FieldKind.TEXT)
    one.define("seats", FieldKind.INTEGER)
    for kind, text in CUSTOM.items():
        one.take(kind, text.encode())

    cards = one.give("contacts", "--format", "vcard")

    assert b"FN:Ada" in cards
    assert b"plan" not in cards


def test_an_unknown_custom_column_is_refused_with_those_that_there_are(
    one: Installation, tmp_path: Path
) -> None:
    one.define("plan", FieldKind.TEXT)
    one.fold()
    file = tmp_path / "rows.csv"
    file.write_text("name;custom.size\nHuber;1\n")

    told = CliRunner().invoke(app, ["import", "customers", str(file)], env=one.env)

    assert "'custom.size', which is unknown" in str(told.exception)
    assert str(told.exception).endswith("custom.plan.")
    assert one.events() == 2 * len(RecordKind)


def _without_ids(data: bytes) -> list[str]:
    lines = data.decode("utf-8-sig").splitlines()
    return sorted(line.partition(";")[2] if line[8:9] == "-" else line for line in lines)
