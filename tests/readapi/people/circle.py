"""Somebody of whom a lot is told, and others beside them whom an erasure does not concern."""

from collections.abc import Iterator
from typing import Final
from uuid import UUID, uuid5

from domain.actors import Role
from domain.values import EmailAddress, PhoneNumber, Requester
from tests.given import (
    CONTACT,
    CUSTOMER,
    LOCATION,
    OTHER_CONTACT,
    OTHER_CUSTOMER,
    OTHER_USER,
    TWO_CUSTOMERS,
    USER,
    Fact,
    billing_changed,
    contact_added,
    contact_merged,
    contact_taken_in,
    customer_archived,
    customer_changed,
    customer_merged,
    customer_registered,
    customer_taken_in,
    described,
    erasure_carried_out,
    erasure_ordered,
    interaction_corrected,
    interaction_recorded,
    location_registered,
    opened,
    resolved,
    retitled,
    ticket_contact_changed,
    user_registered,
)

_OTHERS: Final = UUID("c12c1e00-0000-4000-8000-000000000000")


def called(name: str) -> UUID:
    """Return the id that a name stands for in every run."""
    return uuid5(_OTHERS, name)


ADA, BO = CONTACT, called("bo")
DOUBLE = OTHER_CONTACT
"""Ada once more: merged into her."""
OPEN, SOLVED, ANONYMOUS, OF_BO, ELSEWHERE = (
    called(name) for name in ("open", "solved", "anonymous", "of bo", "elsewhere")
)
"""Tickets: of Ada, of her double, of no contact, of Bo, and of another customer."""
ALONE, TOGETHER, WITHOUT = (called(name) for name in ("alone", "together", "without"))
"""Interactions: with Ada alone, with her double and Bo, with Bo."""
PASSED_ON, MISTAKEN = called("passed on"), called("mistaken")
"""A ticket that was Ada's for a while, and an interaction that was taken for hers and Bo's."""
MERGED: Final = called("merged")
"""A customer that turned out to be Acme."""
FORMER: Final = called("former")
"""A customer that the provider does not work for any more."""

NUMBERS: Final = {OPEN: 1, SOLVED: 2, ANONYMOUS: 3, OF_BO: 4, ELSEWHERE: 5}


def facts() -> Iterator[Fact]:
    """Yield all that happened, each stream by itself in order."""
    yield from TWO_CUSTOMERS
    yield customer_changed
    yield billing_changed
    yield customer_registered(originator_id=MERGED, number=10003, name="Acme", email_domains=())
    yield customer_merged(originator_id=MERGED, into=CUSTOMER)
    yield customer_taken_in(other=MERGED)
    yield customer_registered(originator_id=FORMER, number=10004, name="Gone", email_domains=())
    yield customer_archived(originator_id=FORMER)
    yield from _people()
    yield from _tickets()
    yield from _interactions()
    yield location_registered(originator_id=LOCATION)
    yield erasure_ordered(originator_id=called("erasure"), subject_id=BO)
    yield erasure_carried_out(originator_id=called("erasure"))


def _people() -> Iterator[Fact]:
    yield contact_added
    yield contact_added(
        originator_id=DOUBLE,
        name="A. Zürn",
        emails=(EmailAddress("zuern@acme.example"),),
        phones=(PhoneNumber("+498031555010"),),
    )
    yield contact_merged(originator_id=DOUBLE, into=ADA)
    yield contact_taken_in(other=DOUBLE)
    yield contact_added(originator_id=BO, name="Bo 100% Li", emails=(), phones=())
    yield user_registered(originator_id=USER)
    yield user_registered(
        originator_id=OTHER_USER,
        name="Tess",
        email="tess@msp.example",
        role=Role.TECHNICIAN,
        customer_id=None,
    )


def _tickets() -> Iterator[Fact]:
    for id, contact, customer in (
        (OPEN, ADA, CUSTOMER),
        (SOLVED, DOUBLE, MERGED),
        (ANONYMOUS, None, CUSTOMER),
        (OF_BO, BO, CUSTOMER),
        (ELSEWHERE, None, OTHER_CUSTOMER),
    ):
        yield opened(
            originator_id=id,
            ticket_number=NUMBERS[id],
            contact_id=contact,
            customer_id=customer,
            external=None,
            requester=Requester("Cy Sol", "cy@home.example", "112")
            if id is ELSEWHERE
            else opened.values["requester"],
        )
    yield resolved(originator_id=SOLVED)
    yield opened(originator_id=PASSED_ON, ticket_number=6, requester=Requester(), external=None)
    yield ticket_contact_changed(originator_id=PASSED_ON, contact_id=DOUBLE)
    yield retitled(originator_id=PASSED_ON, title="Ada's printer jams")
    yield ticket_contact_changed(originator_id=PASSED_ON, contact_id=None)
    yield described(originator_id=PASSED_ON, description="Whose it is, nobody knows.")


def _interactions() -> Iterator[Fact]:
    for id, people in ((ALONE, (ADA,)), (TOGETHER, (DOUBLE, BO)), (WITHOUT, (BO,))):
        yield interaction_recorded(originator_id=id, contact_ids=people)
    yield interaction_recorded(originator_id=MISTAKEN, contact_ids=(ADA, BO))
    yield interaction_corrected(originator_id=MISTAKEN, contact_ids=(BO,))
