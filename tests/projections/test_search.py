"""What can be found, and by whom."""

from operator import itemgetter

import psycopg
import pytest

from domain.base import Change, Created
from domain.customers.contacts import Contact
from eventstore.mapper import events_of
from projections.folding import fold
from projections.search import SEARCHED, TEXT_LIMIT, VIEW, search_texts
from projections.searched import LAST, Searched
from readapi.search import Kind
from tests.conftest import Database
from tests.given import (
    CONTACT,
    CUSTOMER,
    EXAMPLES,
    TICKET,
    Fact,
    billing_changed,
    closed,
    commented,
    contact_added,
    contact_changed,
    contact_merged,
    contact_unmerged,
    customer_changed,
    customer_moved,
    customer_registered,
    customer_renamed,
    deleted,
    described,
    email_domains_changed,
    opened,
    resolved,
    restored,
    retitled,
    started,
)
from tests.projections.given import append as append_to_log
from tests.projections.given import events, folded, follow, history, row_of


def texts(*facts: Fact, internal: bool = False) -> list[str]:
    """Return the texts that these facts leave, without the title, as they are shown."""
    rows = sorted(folded(VIEW, *facts).all(search_texts), key=itemgetter("place", "id"))
    return [row["text"] for row in rows if row["place"] and row["internal"] is internal]


def titles(*facts: Fact) -> list[str]:
    """Return the texts that are searched as a title."""
    return [row["text"] for row in folded(VIEW, *facts).all(search_texts) if not row["place"]]


def test_a_ticket_is_found_by_what_it_is_about() -> None:
    facts = (opened, retitled)

    row = row_of(VIEW, *facts)

    assert row["kind"] == "ticket"
    assert (row["number"], row["external_number"]) == ("4711", "INC0000047")
    assert [row["title"]] == titles(*facts) == ["All printers jam"]
    assert texts(*facts) == ["Since this morning; it also smells."]
    assert row["customer_id"] == CUSTOMER


def test_a_customer_is_found_by_name_address_and_domain() -> None:
    row = row_of(VIEW, customer_registered)

    assert row["kind"] == "customer"
    assert (row["number"], row["title"]) == ("10001", "Acme Werke GmbH")
    assert texts(customer_registered) == [
        "Hauptstraße 1 10115 Berlin DE",
        "acme.example acme.test",
    ]
    assert row["customer_id"] == row["id"]


def test_a_customer_that_changed_is_not_found_by_what_it_was() -> None:
    facts = (customer_registered, email_domains_changed, customer_moved, customer_renamed)

    row = row_of(VIEW, *facts)

    assert [row["title"]] == titles(*facts) == ["Acme AG"]
    assert texts(*facts) == ["Bahnhofstrasse 2 8001 Zürich CH", "acme.ch"]


def test_a_customer_is_found_by_trade_name_and_vat_id() -> None:
    renamed = customer_changed(trade_name="Acme Tools")

    found = texts(customer_registered, customer_changed, billing_changed, renamed)

    assert (found[0], found[-1]) == ("Acme Tools", "DE136695976")
    assert len(found) == 4


def test_a_contact_is_found_by_name_function_addresses_and_numbers() -> None:
    row = row_of(VIEW, contact_added)

    assert (row["kind"], row["number"], row["title"]) == ("contact", "", "Ada Zürn")
    assert texts(contact_added) == [
        "Head of purchasing",
        "ada@acme.example",
        "+4930901820 +491701234567",
    ]
    assert row["customer_id"] == CUSTOMER


def test_the_notes_on_a_contact_are_for_staff() -> None:
    facts = (contact_added, contact_changed)

    assert texts(*facts, internal=True) == ["Prefers to be written to."]
    assert texts(*facts) == ["Director", "ada.li@acme.example li@home.example", "+41446681800"]


def test_a_field_that_a_change_does_not_name_stays_as_it_is() -> None:
    facts = (contact_added, Fact(Contact.Changed, {"name": "Ada Li"}))

    assert titles(*facts) == ["Ada Li"]
    assert texts(*facts)[0] == "Head of purchasing"


def test_a_field_that_is_emptied_is_not_found_any_more() -> None:
    facts = (contact_added, contact_changed(notes="", phones=()))

    assert texts(*facts, internal=True) == []
    assert texts(*facts) == ["Director", "ada.li@acme.example li@home.example"]


def test_what_is_merged_is_marked_until_it_stands_for_itself_again() -> None:
    gone = row_of(VIEW, contact_added, contact_merged)
    back = row_of(VIEW, contact_added, contact_merged, contact_unmerged)

    assert (gone["deleted"], back["deleted"]) == (True, False)


def test_public_comments_and_resolutions_are_appended() -> None:
    found = texts(opened(description="Jam."), commented, resolved, closed(resolution=""))

    assert found == ["Jam.", "Have you tried turning it off?", "The roller was replaced."]


def test_an_internal_comment_is_kept_where_no_customer_looks() -> None:
    facts = (opened(description="Jam."), commented(public=False, body="They never pay."))

    assert texts(*facts) == ["Jam."]
    assert texts(*facts, internal=True) == ["They never pay."]


def test_another_description_replaces_the_first_one_and_leaves_the_comments() -> None:
    found = texts(opened, commented, described, commented(body="Or on?"))

    assert found == ["It is on fire.", "Have you tried turning it off?", "Or on?"]


def test_each_comment_moves_the_document_for_who_mirrors_it() -> None:
    row = row_of(VIEW, opened, commented, commented, started)

    assert row["position"] == 3


def test_a_deleted_ticket_is_marked_until_it_is_restored() -> None:
    gone = row_of(VIEW, opened, deleted)
    back = row_of(VIEW, opened, deleted, restored)

    assert (gone["deleted"], back["deleted"]) == (True, False)


def test_a_text_ends_before_the_index_can_not_hold_it() -> None:
    found = texts(opened(description="y"), commented(body="x" * 2 * TEXT_LIMIT), commented)

    assert list(map(len, found)) == [1, TEXT_LIMIT, 30]


@pytest.mark.parametrize("again", [1, 2, 4])
def test_an_event_taken_in_twice_is_read_once(again: int) -> None:
    facts = (opened, commented, described, retitled)
    rows = folded(VIEW, *facts)
    before = [[dict(row) for row in rows.all(table)] for table in VIEW.tables]

    fold(VIEW, history(*facts)[:again], rows)

    assert [rows.all(table) for table in VIEW.tables] == before


def test_every_kind_that_is_searched_can_be_asked_for() -> None:
    assert {searched.kind for searched in SEARCHED} == set(Kind)


@pytest.mark.parametrize("searched", SEARCHED, ids=lambda searched: searched.kind)
def test_what_is_searched_are_fields_that_events_set(searched: Searched) -> None:
    named = {
        field
        for event in events_of(searched.record).values()
        if issubclass(event, Created | Change)
        for field in event.__dataclass_fields__
    }

    fields = [searched.title, *searched.body, *searched.internal]

    assert set(fields) <= named
    assert len(set(fields)) == len(fields) <= LAST


async def indexed(database: Database, *facts: Fact) -> psycopg.Connection:
    """Fold the facts for real and return a connection that looks into indexes only."""
    append_to_log(database.url, events(*facts))
    await follow(VIEW, database.url)
    connection = psycopg.connect(database.url)
    connection.execute("set enable_seqscan = off")
    return connection


def found(connection: psycopg.Connection, condition: str, *values: str) -> list[object]:
    rows = connection.execute(
        f"select distinct document_id from rm.search_texts where {condition}", values
    ).fetchall()
    return [row[0] for row in rows]


async def test_a_comment_leaves_the_texts_before_it_as_they_are(views: Database) -> None:
    talk = events(opened, commented, commented(public=False), commented)
    written = "select id, xmin::text from rm.search_texts"

    with await indexed(views, opened, commented, commented(public=False)) as connection:
        before = set(connection.execute(written))
        append_to_log(views.url, talk[3:])
        await follow(VIEW, views.url)
        after = set(connection.execute(written))

    assert len(before) == 4
    assert before < after
    assert len(after) == 5


async def test_a_replaced_text_is_not_found_any_more(views: Database) -> None:
    facts = (opened(description="Toner leer."), described(description="Papierstau."))
    append_to_log(views.url, events(*facts[:1]))
    await follow(VIEW, views.url)

    append_to_log(views.url, events(*facts)[1:])
    await follow(VIEW, views.url)

    with await indexed(views) as connection:
        assert found(connection, "text ilike '%%toner%%'") == []
        assert found(connection, "text ilike '%%papier%%'") == [TICKET]


async def test_words_are_found_in_their_other_forms(views: Database) -> None:
    ticket = opened(title="Printer jam", description="Die Druckern druckten nicht.")
    german = "german @@ websearch_to_tsquery('german', %s)"
    english = "english @@ websearch_to_tsquery('english', %s)"

    with await indexed(views, ticket) as connection:
        answers = [
            found(connection, german, "Drucker"),
            found(connection, german, "druckt"),
            found(connection, english, "jamming printers"),
            found(connection, german, "jamming"),
        ]

    assert answers == [[TICKET], [TICKET], [TICKET], []]


async def test_a_part_of_a_compound_finds_the_whole(views: Database) -> None:
    with await indexed(views, opened(title="Der Netzwerkdrucker steht")) as connection:
        answers = found(connection, "text ilike %s", "%drucker%")
        missed = found(connection, "text ilike %s", "%toner%")

    assert (answers, missed) == ([TICKET], [])


async def test_staff_find_internal_comments_in_both_languages(views: Database) -> None:
    facts = (opened, commented(public=False, body="The invoices, die Rechnungen"))
    german = "german @@ websearch_to_tsquery('german', %s)"
    english = "english @@ websearch_to_tsquery('english', %s)"

    with await indexed(views, *facts) as connection:
        in_german = found(connection, german, "Rechnung")
        in_english = found(connection, english, "invoice")
        in_public = found(connection, f"{german} and not internal", "Rechnung")

    assert (in_german, in_english, in_public) == ([TICKET], [TICKET], [])


async def test_a_word_in_the_title_weighs_more_than_one_in_the_body(views: Database) -> None:
    query = "websearch_to_tsquery('german', 'Toner')"
    facts = (opened(title="Toner leer"), contact_added(job_title="Toner"))

    with await indexed(views, *facts) as connection:
        ranked = connection.execute(
            f"select document_id from rm.search_texts where german @@ {query}"
            f" order by ts_rank(german, {query}) desc"
        ).fetchall()

    assert ranked == [(TICKET,), (CONTACT,)]


async def test_searching_uses_the_indexes(views: Database) -> None:
    by_word, by_part = "search_texts_by_word", "search_texts_by_part"
    indexes = {
        "search_texts where german @@ websearch_to_tsquery('german', 'a')": by_word,
        "search_texts where english @@ websearch_to_tsquery('english', 'x')": by_word,
        "search_texts where text ilike '%drucker%'": by_part,
        "search_documents where number like '471%' or external_number ilike '%471%'": (
            "search_documents_by_number"
        ),
    }

    with await indexed(views, *EXAMPLES) as connection:
        plans = {
            rows: str(connection.execute(f"explain select id from rm.{rows}").fetchall())
            for rows in indexes
        }

    assert {rows for rows in plans if indexes[rows] not in plans[rows]} == set()


@pytest.mark.parametrize("text", ["ab cd " * 20_000, "\U00020001 äö-üß/é.de " * 20_000])
async def test_no_text_is_too_long_for_its_index(views: Database, text: str) -> None:
    longest = "".join(f"{n}{char}" for n, char in enumerate(text))[: 2 * TEXT_LIMIT]

    with await indexed(views, opened, commented(body=longest)) as connection:
        lengths = connection.execute(
            "select length(text) from rm.search_texts order by id desc limit 1"
        ).fetchall()

    assert lengths == [(TEXT_LIMIT,)]
