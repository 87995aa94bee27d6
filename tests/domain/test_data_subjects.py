"""Whom a record tells of: under that one's key its texts are encrypted, and with it erased."""

from uuid import UUID

import pytest

from domain.base import AggregateRoot, Created
from domain.catalogue import AGGREGATES
from domain.customers.interactions import Interaction
from domain.desk.tickets import Ticket
from tests.given import (
    CONTACT,
    EXAMPLES,
    OTHER_CONTACT,
    T1,
    TICKET,
    given,
    interaction_recorded,
    opened,
    recorded,
    ticket_contact_changed,
)

TALK = interaction_recorded.event().originator_id
THEMSELVES = [kind for kind in AGGREGATES if kind not in {Ticket, Interaction}]


@pytest.mark.parametrize("kind", THEMSELVES, ids=lambda kind: kind.TOPIC)
def test_a_record_tells_of_itself(kind: type[AggregateRoot]) -> None:
    first = next(
        fact
        for fact in EXAMPLES
        if fact.event_class in vars(kind).values() and issubclass(fact.event_class, Created)
    )

    record = given(kind, first)

    assert record.data_subject() == record.id


def test_a_ticket_tells_of_its_contact() -> None:
    ticket = given(Ticket, opened(contact_id=CONTACT))

    assert ticket.data_subject() == CONTACT


def test_a_ticket_of_which_no_contact_is_known_tells_of_itself() -> None:
    ticket = given(Ticket, opened(contact_id=None))

    assert ticket.data_subject() == TICKET


def test_what_is_written_after_a_ticket_got_another_contact_tells_of_that_one() -> None:
    ticket = given(Ticket, opened(contact_id=CONTACT))
    ticket.change(Ticket.Retitled, T1, title="Before")

    ticket.change(Ticket.ContactChanged, T1, contact_id=OTHER_CONTACT)
    ticket.change(Ticket.Retitled, T1, title="After")

    before, _, after = recorded(ticket)
    assert (before.data_subject, after.data_subject) == (CONTACT, OTHER_CONTACT)


def test_a_ticket_that_lost_its_contact_tells_of_itself_again() -> None:
    ticket = given(Ticket, opened, ticket_contact_changed(contact_id=None))

    assert ticket.data_subject() == TICKET


def test_an_interaction_tells_of_the_only_contact_who_took_part() -> None:
    talk = given(Interaction, interaction_recorded(contact_ids=(CONTACT,)))

    assert talk.data_subject() == CONTACT


@pytest.mark.parametrize(
    "contacts", [(), (CONTACT, OTHER_CONTACT)], ids=["no contact", "two contacts"]
)
def test_an_interaction_of_nobody_in_particular_tells_of_itself(
    contacts: tuple[UUID, ...],
) -> None:
    talk = given(Interaction, interaction_recorded(contact_ids=contacts))

    assert talk.data_subject() == TALK


def test_a_correction_tells_of_those_whom_it_names() -> None:
    talk = given(Interaction, interaction_recorded(contact_ids=(CONTACT,)))

    talk.correct(text="It was Bob.", contact_ids=(OTHER_CONTACT,), at=T1)

    (corrected,) = recorded(talk)
    assert corrected.data_subject == OTHER_CONTACT


def test_an_event_that_was_read_again_belongs_to_its_record() -> None:
    assert opened(contact_id=CONTACT).event().data_subject == TICKET
