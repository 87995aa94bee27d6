"""Contacts as tables and vCards: whom a row means, and what a card says."""

import pytest

from commands.exchange.cards import Card, Labelled
from commands.exchange.contact_sheet import CONTACTS, card_of, row_of
from commands.exchange.fields import joined, labelled, several
from commands.exchange.vcards import read_cards
from domain.customers.contacts import Contact
from domain.values import EmailAddress
from eventstore import mapper
from tests.commands.exchange.test_run import claim_numbers, filled, imported, outcomes, refusal
from tests.commands.fakes import MemoryLog
from tests.given import TWO_CUSTOMERS

HEADER = "customer;uid;name;emails\n"


async def office() -> MemoryLog:
    log = filled(*TWO_CUSTOMERS)
    await claim_numbers(log)
    return log


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("10001;7;Ada;ada@acme.example", "10001;7;Ada Li;li@acme.example"),
        ("10001;;Ada;ada@acme.example", "10001;;Ada Li;ADA@acme.example, li@acme.example"),
        ("10001;;Ada;", "10001;;ADA;"),
    ],
    ids=["uid", "first e-mail", "name"],
)
async def test_a_contact_is_known_by_the_best_that_tells_it(before: str, after: str) -> None:
    log = await office()

    first = await imported(log, HEADER + before + "\n", CONTACTS)
    second = await imported(log, HEADER + after + "\n", CONTACTS)

    assert (outcomes(first), outcomes(second)) == (["created"], ["changed"])
    assert first.results[0].id == second.results[0].id


async def test_one_person_at_two_customers_is_two_contacts() -> None:
    log = await office()

    report = await imported(log, f"{HEADER}10001;;Ada;\n10002;;Ada;\n", CONTACTS)

    assert outcomes(report) == ["created", "created"]


async def test_two_rows_are_not_taken_for_one_person_because_of_a_shared_address() -> None:
    log = await office()
    rows = "10001;;Ada;info@acme.example\n10001;;Ben;info@acme.example\n"

    report = await imported(log, HEADER + rows, CONTACTS)

    assert outcomes(report) == ["created", "refused"]
    assert report.results[1].column == "uid"


async def test_a_location_is_looked_for_at_the_contacts_customer() -> None:
    log = await office()

    report = await imported(log, "customer;name;location\n10001;Ada;Nowhere\n", CONTACTS)

    assert refusal(report) == ("ReferenceUnknown", "location")


async def test_a_card_becomes_the_contact_that_it_shows() -> None:
    log = await office()
    data = (
        b"BEGIN:VCARD\nVERSION:3.0\nFN:Dr. Ada Li\nN:Li;Ada;;Dr.;\nTITLE:Buyer\nUID:7\n"
        b"EMAIL;TYPE=home:li@home.example\nEMAIL;TYPE=work,pref:ada@acme.example\n"
        b"NOTE:Rings\\, twice.\nEND:VCARD\n"
    )
    rows = [row_of(1, card, 10001) for card in read_cards(data)]

    report = await imported(log, "", CONTACTS, rows=rows)

    id = report.results[0].id
    assert id is not None
    history = await log.read_stream(id)
    ada = mapper.rebuild(Contact, history)
    assert ada is not None
    assert (ada.name, ada.title, ada.job_title) == ("Ada Li", "Dr.", "Buyer")
    assert ada.emails == (
        EmailAddress("ada@acme.example", "work"),
        EmailAddress("li@home.example", "home"),
    )
    assert ada.notes == "Rings, twice."


async def test_what_a_card_does_not_say_stays_as_it_is() -> None:
    log = await office()
    whole = b"FN:Ada\nTITLE:Buyer\nEMAIL:ada@acme.example\nTEL:+49 30 901820\nNOTE:Rings.\nUID:7\n"
    brief = b"FN:Ada Li\nUID:7\n"

    reports = [
        await imported(log, "", CONTACTS, rows=[row_of(1, card, 10001)])
        for said in (whole, brief)
        for card in read_cards(b"BEGIN:VCARD\nVERSION:4.0\n" + said + b"END:VCARD\n")
    ]

    id = reports[0].results[0].id
    assert id is not None
    ada = mapper.rebuild(Contact, await log.read_stream(id))
    assert ada is not None
    assert [result.fields for result in reports[1].results] == [["name"]]
    assert (ada.name, ada.job_title, ada.notes) == ("Ada Li", "Buyer", "Rings.")
    assert [email.address for email in ada.emails] == ["ada@acme.example"]
    assert [phone.number for phone in ada.phones] == ["+4930901820"]


def test_a_document_becomes_a_card_that_names_its_id() -> None:
    card = card_of(
        {
            "id": "c0274c70-0000-4000-8000-000000000001",
            "customer": {"id": "", "name": "Acme AG"},
            "name": "Ada Li",
            "title": "Dr.",
            "job_title": "Buyer",
            "emails": [{"address": "ada@acme.example", "label": "work"}],
            "phones": [],
            "notes": "",
        }
    )

    assert card == Card(
        full_name="Ada Li",
        prefixes="Dr.",
        organisation="Acme AG",
        title="Buyer",
        emails=(Labelled("ada@acme.example", ("work",), preferred=True),),
        uid="urn:uuid:c0274c70-0000-4000-8000-000000000001",
    )


@pytest.mark.parametrize("words", [[], ["one"], ["one", "two"], ["one, two"], ["a;b", "c"]])
def test_words_are_told_apart_again(words: list[str]) -> None:
    assert several(joined(words)) == words


@pytest.mark.parametrize(
    ("cell", "number", "label"),
    [
        ("+49 30 901820 (desk)", "+49 30 901820", "desk"),
        ("+49 (30) 901820", "+49 (30) 901820", None),
        ("+49 30 (901820)", "+49 30 (901820)", None),
    ],
)
def test_what_is_in_brackets_is_a_label_unless_it_is_a_number(
    cell: str, number: str, label: str | None
) -> None:
    read, _ = labelled("number")

    assert read(cell) == [{"number": number} | ({"label": label} if label else {})]
