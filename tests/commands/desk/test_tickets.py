"""What each ticket command refuses, and what it passes on to the ticket."""

import pytest

from commands.context import Command
from commands.desk.tickets import (
    AssignTicket,
    ChangeTicket,
    CloseTicket,
    CommentTicket,
    DeleteTicket,
    OpenTicket,
    PutTicketOnHold,
    ReopenTicket,
    ResolveTicket,
    RestoreTicket,
    StartTicket,
    UnassignTicket,
)
from domain.actors import Role, RoleForbidden
from domain.customers.customers import CustomerArchived, CustomerNotFound
from domain.desk.groups import GroupArchived, GroupNotFound
from domain.desk.priorities import Level, Priority
from domain.desk.statuses import (
    StatusForbids,
    StatusNotWaiting,
    WaitingReason,
    WaitingReasonInvalid,
)
from domain.desk.tickets import Source
from domain.desk.tickets.outcome import ResolutionMissing, TicketNotDeleted, TicketNotReopenable
from domain.desk.tickets.state import TicketDeleted
from domain.desk.tickets.work import AssignmentMissing, TicketAlreadyStarted, TicketAlreadyWaiting
from domain.errors import Refused
from domain.merging import MergedAway
from domain.people.users import StaffRequired, UserDeactivated, UserNotFound
from domain.rules import EmailInvalid, TextMissing, TextTooLong
from domain.tags import TooManyTags
from domain.values import ExternalReference, Requester
from tests.commands.office import PORTAL, TECHNICIAN, Office, command_id, told_of
from tests.given import (
    COMMENT,
    CUSTOMER,
    GROUP,
    MERGED_CUSTOMERS,
    NIGHT_SHIFT,
    OTHER_USER,
    T2,
    TICKET,
    USER,
    Fact,
    assigned,
    closed,
    commented,
    customer_archived,
    customer_registered,
    deactivated,
    deleted,
    group_archived,
    group_formed,
    opened,
    prioritized,
    put_on_hold,
    resolved,
    started,
    user_registered,
)

TECHNICIAN_REGISTERED = user_registered(role=Role.TECHNICIAN, customer_id=None)
OPEN = OpenTicket(customer_id=CUSTOMER, title="The printer jams")


@pytest.mark.parametrize(
    ("facts", "command", "refusal"),
    [
        ([], OPEN, CustomerNotFound),
        ([customer_registered, customer_archived], OPEN, CustomerArchived),
        (MERGED_CUSTOMERS, OPEN, MergedAway),
        ([customer_registered], OpenTicket(customer_id=CUSTOMER, title="  "), TextMissing),
        (
            [customer_registered],
            OpenTicket(customer_id=CUSTOMER, title="x" * 201),
            TextTooLong,
        ),
        (
            [customer_registered],
            OpenTicket(customer_id=CUSTOMER, title="Printer", description="x" * 50_001),
            TextTooLong,
        ),
        (
            [customer_registered],
            OpenTicket(customer_id=CUSTOMER, title="Printer", category="x" * 101),
            TextTooLong,
        ),
        (
            [customer_registered],
            OpenTicket(customer_id=CUSTOMER, title="Printer", requester=Requester(email="ada")),
            EmailInvalid,
        ),
        (
            [customer_registered],
            OpenTicket(customer_id=CUSTOMER, title="Printer", tags=[f"tag {n}" for n in range(21)]),
            TooManyTags,
        ),
        (
            [customer_registered],
            OpenTicket(customer_id=CUSTOMER, title="Printer", tags=[" "]),
            TextMissing,
        ),
        (
            [customer_registered],
            OpenTicket(
                customer_id=CUSTOMER, title="Printer", external=ExternalReference("jira", " ")
            ),
            TextMissing,
        ),
        (
            [customer_registered],
            OpenTicket(customer_id=CUSTOMER, title="Printer", group_id=GROUP),
            GroupNotFound,
        ),
        (
            [customer_registered, group_formed, group_archived],
            OpenTicket(customer_id=CUSTOMER, title="Printer", group_id=GROUP),
            GroupArchived,
        ),
        (
            [customer_registered],
            OpenTicket(customer_id=CUSTOMER, title="Printer", assignee_id=USER),
            UserNotFound,
        ),
        (
            [customer_registered, TECHNICIAN_REGISTERED, deactivated],
            OpenTicket(customer_id=CUSTOMER, title="Printer", assignee_id=USER),
            UserDeactivated,
        ),
        (
            [customer_registered, user_registered],
            OpenTicket(customer_id=CUSTOMER, title="Printer", assignee_id=USER),
            StaffRequired,
        ),
        ([opened], ChangeTicket(ticket_id=TICKET, title=" "), TextMissing),
        ([opened], ChangeTicket(ticket_id=TICKET, title="x" * 201), TextTooLong),
        ([opened], ChangeTicket(ticket_id=TICKET, description="x" * 50_001), TextTooLong),
        ([opened], ChangeTicket(ticket_id=TICKET, category="x" * 101), TextTooLong),
        ([opened], ChangeTicket(ticket_id=TICKET, tags=["x" * 51]), TextTooLong),
        (
            [opened],
            ChangeTicket(ticket_id=TICKET, requester=Requester(phone="0" * 51)),
            TextTooLong,
        ),
        ([opened], AssignTicket(ticket_id=TICKET), AssignmentMissing),
        ([opened, assigned], AssignTicket(ticket_id=TICKET), AssignmentMissing),
        ([opened], AssignTicket(ticket_id=TICKET, group_id=GROUP), GroupNotFound),
        (
            [opened, group_formed, group_archived],
            AssignTicket(ticket_id=TICKET, group_id=GROUP),
            GroupArchived,
        ),
        ([opened], AssignTicket(ticket_id=TICKET, assignee_id=USER), UserNotFound),
        (
            [opened, TECHNICIAN_REGISTERED, deactivated],
            AssignTicket(ticket_id=TICKET, assignee_id=USER),
            UserDeactivated,
        ),
        (
            [opened, user_registered],
            AssignTicket(ticket_id=TICKET, assignee_id=USER),
            StaffRequired,
        ),
        (
            [opened, resolved, group_formed],
            AssignTicket(ticket_id=TICKET, group_id=GROUP),
            StatusForbids,
        ),
        ([opened, resolved], UnassignTicket(ticket_id=TICKET), StatusForbids),
        ([opened, started], StartTicket(ticket_id=TICKET), TicketAlreadyStarted),
        ([opened, closed], StartTicket(ticket_id=TICKET), StatusForbids),
        ([opened, resolved], PutTicketOnHold(ticket_id=TICKET), StatusForbids),
        (
            [opened, put_on_hold],
            PutTicketOnHold(
                ticket_id=TICKET, status="waiting_third_party", reason=WaitingReason.VENDOR
            ),
            TicketAlreadyWaiting,
        ),
        (
            [opened],
            PutTicketOnHold(ticket_id=TICKET, status="waiting_third_party"),
            WaitingReasonInvalid,
        ),
        (
            [opened],
            PutTicketOnHold(ticket_id=TICKET, reason=WaitingReason.VENDOR),
            WaitingReasonInvalid,
        ),
        (
            [opened],
            PutTicketOnHold(ticket_id=TICKET, status="closed"),  # type: ignore[arg-type]
            StatusNotWaiting,
        ),
        ([opened], CommentTicket(ticket_id=TICKET, body=" "), TextMissing),
        ([opened], CommentTicket(ticket_id=TICKET, body="x" * 50_001), TextTooLong),
        ([opened, resolved], ResolveTicket(ticket_id=TICKET, resolution="Again"), StatusForbids),
        ([opened], ResolveTicket(ticket_id=TICKET, resolution="x" * 50_001), TextTooLong),
        (
            [opened],
            ResolveTicket(ticket_id=TICKET, resolution="", resolution_code="x" * 51),
            TextTooLong,
        ),
        ([opened], CloseTicket(ticket_id=TICKET), ResolutionMissing),
        ([opened], CloseTicket(ticket_id=TICKET, resolution=" "), ResolutionMissing),
        ([opened, closed], CloseTicket(ticket_id=TICKET, resolution="Again"), StatusForbids),
        ([opened], CloseTicket(ticket_id=TICKET, resolution="x" * 50_001), TextTooLong),
        ([opened], ReopenTicket(ticket_id=TICKET), TicketNotReopenable),
        ([opened, closed], ReopenTicket(ticket_id=TICKET, reason="x" * 2001), TextTooLong),
        ([opened], DeleteTicket(ticket_id=TICKET, reason=" "), TextMissing),
        ([opened], DeleteTicket(ticket_id=TICKET, reason="x" * 2001), TextTooLong),
        ([opened], RestoreTicket(ticket_id=TICKET), TicketNotDeleted),
        ([opened, deleted], RestoreTicket(ticket_id=TICKET, reason="x" * 2001), TextTooLong),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Command) else None,
)
async def test_a_command_that_can_not_be_is_refused(
    facts: list[Fact], command: Command, refusal: type[Refused]
) -> None:
    office = Office(*facts)

    with pytest.raises(refusal):
        await office.ask(command)

    assert office.told() == []


@pytest.mark.parametrize(
    "command",
    [
        ChangeTicket(ticket_id=TICKET, title="New"),
        ChangeTicket(ticket_id=TICKET, description="New"),
        ChangeTicket(ticket_id=TICKET, category="new"),
        ChangeTicket(ticket_id=TICKET, tags=["new"]),
        ChangeTicket(ticket_id=TICKET, requester=Requester(name="New")),
        ChangeTicket(ticket_id=TICKET, impact=Level.LOW),
        AssignTicket(ticket_id=TICKET, group_id=GROUP),
        UnassignTicket(ticket_id=TICKET),
        StartTicket(ticket_id=TICKET),
        PutTicketOnHold(ticket_id=TICKET),
        CommentTicket(ticket_id=TICKET, body="Hello"),
        ResolveTicket(ticket_id=TICKET, resolution="Done"),
        CloseTicket(ticket_id=TICKET, resolution="Done"),
        ReopenTicket(ticket_id=TICKET),
        DeleteTicket(ticket_id=TICKET, reason="Again"),
    ],
    ids=lambda command: type(command).__name__,
)
async def test_nothing_happens_to_a_deleted_ticket(command: Command) -> None:
    office = Office(opened, group_formed, deleted)

    with pytest.raises(TicketDeleted):
        await office.ask(command)

    assert office.told() == []


async def test_a_ticket_is_opened_with_all_that_was_said() -> None:
    office = Office(customer_registered)

    accepted = await office.ask(
        OpenTicket(
            customer_id=CUSTOMER,
            title=" The printer jams ",
            description="Since this morning.",
            requester=Requester("Ada Zürn", "ADA@acme.example", "112"),
            category="hardware",
            tags=["Printer", "floor-3"],
            source=Source.PHONE,
            impact=Level.HIGH,
            urgency=Level.LOW,
            priority=Priority.CRITICAL,
        ),
        by=TECHNICIAN,
        id=command_id("once"),
    )

    (event,) = office.told()
    assert accepted.id == event.originator_id
    assert told_of(TICKET, event) == opened(
        ticket_number=1,
        title="The printer jams",
        description="Since this morning.",
        requester=Requester("Ada Zürn", "ada@acme.example", "112"),
        tags=("floor-3", "printer"),
        source=Source.PHONE,
        impact=Level.HIGH,
        urgency=Level.LOW,
        priority=Priority.CRITICAL,
        overridden=True,
        external=None,
        timestamp=T2,
    )


async def test_without_a_priority_it_follows_from_impact_and_urgency() -> None:
    office = Office(customer_registered)

    await office.ask(
        OpenTicket(customer_id=CUSTOMER, title="P", impact=Level.HIGH, urgency=Level.HIGH)
    )

    (event,) = office.told()
    assert (event.priority, event.overridden) == (Priority.CRITICAL, False)  # type: ignore[attr-defined]


async def test_a_ticket_keeps_an_override_while_its_impact_changes() -> None:
    office = Office(opened, prioritized(priority=Priority.LOW, overridden=True))

    await office.ask(ChangeTicket(ticket_id=TICKET, impact=Level.LOW))

    assert office.told() == [
        prioritized(impact=Level.LOW, priority=Priority.LOW, overridden=True, timestamp=T2)
    ]


async def test_a_priority_of_null_ends_an_override() -> None:
    office = Office(opened, prioritized(priority=Priority.LOW, overridden=True))

    await office.ask(ChangeTicket(ticket_id=TICKET, priority=None))

    assert office.told() == [prioritized(timestamp=T2)]


async def test_of_a_change_only_what_differs_is_told() -> None:
    office = Office(opened)

    await office.ask(
        ChangeTicket(
            ticket_id=TICKET, title="The printer on floor 3 jams", category="fire", tags=["printer"]
        )
    )

    assert office.topics() == ["ticket.categorized", "ticket.tagged"]


async def test_a_person_alone_leaves_the_ticket_with_its_group() -> None:
    office = Office(opened, assigned(assignee_id=None), TECHNICIAN_REGISTERED)

    await office.ask(AssignTicket(ticket_id=TICKET, assignee_id=USER))

    assert office.told() == [assigned(timestamp=T2)]


async def test_a_group_alone_takes_the_ticket_from_its_person() -> None:
    office = Office(opened, assigned(group_id=NIGHT_SHIFT), group_formed)

    await office.ask(AssignTicket(ticket_id=TICKET, group_id=GROUP))

    assert office.told() == [
        assigned(group_id=GROUP, assignee_id=None, reassignment_count=1, timestamp=T2)
    ]


async def test_who_has_the_ticket_already_need_not_be_there_any_more() -> None:
    office = Office(opened, assigned(assignee_id=OTHER_USER), TECHNICIAN_REGISTERED)

    await office.ask(AssignTicket(ticket_id=TICKET, group_id=GROUP, assignee_id=USER))

    assert office.told() == [assigned(timestamp=T2)]


async def test_staffs_first_public_word_is_the_first_response() -> None:
    office = Office(opened)

    await office.ask(CommentTicket(ticket_id=TICKET, body="On my way"), by=TECHNICIAN)

    (event,) = office.told()
    assert event == commented(
        comment_id=event.comment_id,  # type: ignore[attr-defined]
        author="tess",
        body="On my way",
        first_response=True,
        timestamp=T2,
    )


async def test_a_portal_users_word_is_no_response() -> None:
    office = Office(opened)

    await office.ask(CommentTicket(ticket_id=TICKET, body="Any news?"), by=PORTAL)

    (event,) = office.told()
    assert event.first_response is False  # type: ignore[attr-defined]


async def test_a_portal_user_can_write_nothing_internal() -> None:
    office = Office(opened)

    await office.ask(CommentTicket(ticket_id=TICKET, body="Psst", public=False), by=PORTAL)

    (event,) = office.told()
    assert event.public is True  # type: ignore[attr-defined]


async def test_two_comments_have_ids_of_their_own() -> None:
    office = Office(opened)

    for body in ("One", "Two"):
        await office.ask(CommentTicket(ticket_id=TICKET, body=body))

    ids = {event.comment_id for event in office.told()}  # type: ignore[attr-defined]
    assert len(ids | {COMMENT}) == 3


async def test_a_portal_user_opens_a_ticket_for_their_customer() -> None:
    office = Office(customer_registered)

    await office.ask(OPEN, by=PORTAL)

    assert office.topics() == ["ticket.opened"]


async def test_a_portal_user_reopens_their_customers_ticket() -> None:
    office = Office(opened, resolved)

    await office.ask(ReopenTicket(ticket_id=TICKET), by=PORTAL)

    assert office.topics() == ["ticket.reopened"]


@pytest.mark.parametrize("whom", [{"group_id": GROUP}, {"assignee_id": USER}], ids=str)
async def test_a_portal_user_assigns_no_ticket_also_while_opening_it(
    whom: dict[str, object],
) -> None:
    office = Office(customer_registered, group_formed, user_registered)

    with pytest.raises(RoleForbidden):
        await office.ask(OpenTicket(customer_id=CUSTOMER, title="P", **whom), by=PORTAL)  # type: ignore[arg-type]

    assert office.told() == []


async def test_a_portal_user_learns_nothing_of_numbers_in_other_systems() -> None:
    office = Office(customer_registered)
    external = ExternalReference("servicenow", "INC0000047")

    with pytest.raises(RoleForbidden):
        await office.ask(OpenTicket(customer_id=CUSTOMER, title="P", external=external), by=PORTAL)

    assert office.told() == []
