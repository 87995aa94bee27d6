"""What can be found, and by whom."""

from collections.abc import Sequence

import psycopg
import pytest

from projections.folding import fold
from projections.search import TEXT_LIMIT, VIEW, search_documents
from tests.conftest import Database
from tests.given import (
    CUSTOMER,
    EXAMPLES,
    TICKET,
    Fact,
    closed,
    commented,
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
)
from tests.projections.given import append as append_to_log
from tests.projections.given import events, folded, follow, history, row_of

BY_PART = "title ilike %s or body ilike %s"


def test_a_ticket_is_found_by_what_it_is_about() -> None:
    row = row_of(VIEW, opened, retitled)

    assert row["kind"] == "ticket"
    assert (row["number"], row["external_number"]) == ("4711", "INC0000047")
    assert row["title"] == "All printers jam"
    assert row["body"] == "Since this morning; it also smells."
    assert row["customer_id"] == CUSTOMER


def test_a_customer_is_found_by_name_address_and_domain() -> None:
    row = row_of(VIEW, customer_registered)

    assert row["kind"] == "customer"
    assert (row["number"], row["title"]) == ("10001", "Acme Werke GmbH")
    assert row["body"] == "Hauptstraße 1 10115 Berlin DE\nacme.example acme.test"
    assert row["customer_id"] == row["id"]


def test_a_customer_that_changed_is_not_found_by_what_it_was() -> None:
    row = row_of(VIEW, customer_registered, customer_moved, email_domains_changed, customer_renamed)

    assert row["title"] == "Acme AG"
    assert row["body"] == "Bahnhofstrasse 2 8001 Zürich CH\nacme.ch"


def test_public_comments_and_resolutions_are_appended() -> None:
    row = row_of(VIEW, opened(description="Jam."), commented, resolved, closed(resolution=""))

    assert row["body"] == "Jam.\nHave you tried turning it off?\nThe roller was replaced."


def test_an_internal_comment_is_kept_where_no_customer_looks() -> None:
    row = row_of(VIEW, opened(description="Jam."), commented(public=False, body="They never pay."))

    assert row["body"] == "Jam."
    assert row["internal_body"] == "\nThey never pay."


def test_another_description_replaces_the_first_one_and_leaves_the_comments() -> None:
    row = row_of(VIEW, opened, commented, described, commented(body="Or on?"))

    assert row["body"] == "It is on fire.\nHave you tried turning it off?\nOr on?"


def test_a_deleted_ticket_is_marked_until_it_is_restored() -> None:
    gone = row_of(VIEW, opened, deleted)
    back = row_of(VIEW, opened, deleted, restored)

    assert (gone["deleted"], back["deleted"]) == (True, False)


def test_texts_end_before_the_index_can_not_hold_them() -> None:
    comments = [commented(body="x" * 50_000)] * 3

    row = row_of(VIEW, opened, *comments)

    assert len(row["body"]) == TEXT_LIMIT


def test_an_event_taken_in_twice_is_read_once() -> None:
    rows = folded(VIEW, opened, commented)
    before = [dict(row) for row in rows.all(search_documents)]

    fold(VIEW, history(opened, commented), rows)

    assert rows.all(search_documents)[0]["body"] == before[0]["body"]
    assert rows.all(search_documents)[0]["position"] == before[0]["position"]


async def indexed(database: Database, *facts: Fact) -> psycopg.Connection:
    """Fold the facts for real and return a connection that looks into indexes only."""
    append_to_log(database.url, events(*facts))
    await follow(VIEW, database.url)
    connection = psycopg.connect(database.url)
    connection.execute("set enable_seqscan = off")
    return connection


def found(connection: psycopg.Connection, condition: str, *values: str) -> list[object]:
    rows = connection.execute(
        f"select id from rm.search_documents where {condition}", values
    ).fetchall()
    return [row[0] for row in rows]


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
        answers = found(connection, BY_PART, "%drucker%", "%drucker%")
        missed = found(connection, BY_PART, "%toner%", "%toner%")

    assert (answers, missed) == ([TICKET], [])


async def test_staff_find_internal_comments_in_both_languages(views: Database) -> None:
    facts = (opened, commented(public=False, body="The invoices, die Rechnungen"))

    with await indexed(views, *facts) as connection:
        german = found(connection, "internal @@ websearch_to_tsquery('german', %s)", "Rechnung")
        english = found(connection, "internal @@ websearch_to_tsquery('english', %s)", "invoice")
        public = found(connection, "german @@ websearch_to_tsquery('german', %s)", "Rechnung")

    assert (german, english, public) == ([TICKET], [TICKET], [])


async def test_a_word_in_the_title_weighs_more_than_one_in_the_body(views: Database) -> None:
    query = "websearch_to_tsquery('german', 'Toner')"

    with await indexed(views, opened(title="Toner leer"), customer_registered) as connection:
        connection.execute("update rm.search_documents set body = 'Toner' where kind = 'customer'")
        ranked = connection.execute(
            f"select id from rm.search_documents where german @@ {query}"
            f" order by ts_rank(german, {query}) desc"
        ).fetchall()

    assert ranked == [(TICKET,), (CUSTOMER,)]


async def test_searching_uses_the_indexes(views: Database) -> None:
    by_word, by_part = "search_documents_by_word", "search_documents_by_part"
    indexes = {
        "german @@ websearch_to_tsquery('german', 'a')": by_word,
        "english @@ websearch_to_tsquery('english', 'x')": by_word,
        "title ilike '%drucker%' or body ilike '%drucker%'": by_part,
        "number ilike '%471%' or external_number ilike '%471%'": by_part,
    }

    with await indexed(views, *EXAMPLES) as connection:
        plans = {
            condition: str(
                connection.execute(
                    f"explain select id from rm.search_documents where {condition}"
                ).fetchall()
            )
            for condition in indexes
        }

    assert {condition for condition in plans if indexes[condition] not in plans[condition]} == set()


@pytest.mark.parametrize("text", ["ab cd " * 20_000, "\U00020001 äö-üß/é.de " * 20_000])
async def test_no_text_is_too_long_for_its_index(views: Database, text: str) -> None:
    comments: Sequence[Fact] = [
        commented(public=public, body="".join(f"{n}{char}" for n, char in enumerate(text))[:50_000])
        for public in (True, True, False, False)
    ]

    with await indexed(views, opened, *comments) as connection:
        (lengths,) = connection.execute(
            "select length(body), length(internal_body) from rm.search_documents"
        ).fetchall()

    assert lengths == (TEXT_LIMIT, TEXT_LIMIT)
