"""Facts of the service desk: one of every event of tickets and groups."""

from domain.desk.groups import Group
from domain.desk.priorities import Level, Priority
from domain.desk.statuses import Status, WaitingReason
from domain.desk.tickets import Source, Ticket
from domain.values import ExternalReference, Requester
from tests.given.facts import Fact
from tests.given.ids import COMMENT, CONTACT, CUSTOMER, GROUP, LOCATION, USER

# Tickets have the short names: most tests are about them.

opened = Fact(
    Ticket.Opened,
    {
        "ticket_number": 4711,
        "title": "The printer on floor 3 jams",
        "description": "Since this morning; it also smells.",
        "customer_id": CUSTOMER,
        "requester": Requester("Ada Zürn", "ada@acme.example", "+49 30 901820"),
        "category": "hardware",
        "tags": ("floor-3", "printer"),
        "source": Source.EMAIL,
        "impact": Level.MEDIUM,
        "urgency": Level.MEDIUM,
        "priority": Priority.MEDIUM,
        "overridden": False,
        "external": ExternalReference("servicenow", "INC0000047"),
        "contact_id": None,
        "location_id": None,
    },
)
retitled = Fact(Ticket.Retitled, {"title": "All printers jam"})
described = Fact(Ticket.Described, {"description": "It is on fire."})
categorized = Fact(Ticket.Categorized, {"category": "fire"})
tagged = Fact(Ticket.Tagged, {"tags": ("fire", "printer")})
requester_changed = Fact(
    Ticket.RequesterChanged, {"requester": Requester("Bo Li", "bo@acme.example", "112")}
)
ticket_contact_changed = Fact(Ticket.ContactChanged, {"contact_id": CONTACT})
ticket_location_changed = Fact(Ticket.LocationChanged, {"location_id": LOCATION})
prioritized = Fact(
    Ticket.Prioritized,
    {
        "impact": Level.HIGH,
        "urgency": Level.HIGH,
        "priority": Priority.CRITICAL,
        "overridden": False,
    },
)
assigned = Fact(
    Ticket.Assigned,
    {
        "group_id": GROUP,
        "assignee_id": USER,
        "status": Status.ASSIGNED,
        "reassignment_count": 0,
    },
)
unassigned = Fact(Ticket.Unassigned)
started = Fact(Ticket.Started)
put_on_hold = Fact(
    Ticket.PutOnHold,
    {"status": Status.WAITING_THIRD_PARTY, "reason": WaitingReason.VENDOR},
)
commented = Fact(
    Ticket.Commented,
    {
        "comment_id": COMMENT,
        "author": "Tess Technician",
        "body": "Have you tried turning it off?",
        "public": True,
        "first_response": True,
    },
)
resolved = Fact(
    Ticket.Resolved, {"resolution": "The roller was replaced.", "resolution_code": "fixed"}
)
closed = Fact(Ticket.Closed, {"resolution": "The customer agrees.", "resolution_code": "agreed"})
reopened = Fact(Ticket.Reopened, {"reason": "It jams again.", "reopen_count": 1})
deleted = Fact(Ticket.Deleted, {"reason": "Opened twice."})
restored = Fact(Ticket.Restored, {"reason": "It was not the same."})
external_update_recorded = Fact(
    Ticket.ExternalUpdateRecorded, {"attributes": {"made_sla": "true", "sys_mod_count": "7"}}
)

group_formed = Fact(Group.Formed, {"name": "First level", "description": "Takes every call first."})
group_renamed = Fact(Group.Renamed, {"name": "Service desk"})
group_described = Fact(Group.Described, {"description": "Monday to Friday."})
group_archived = Fact(Group.Archived)
group_restored = Fact(Group.Restored)
