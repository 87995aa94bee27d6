"""Examples for the OpenAPI document: one of each answer, as a fresh installation might give it."""

from enum import Enum
from typing import Any, Final, get_args

from readapi.customers.customers import CustomerDocument
from readapi.desk.groups import GroupDocument
from readapi.desk.tickets import TicketDocument
from readapi.finds import Found
from readapi.people.users import UserDocument
from readapi.timelines import TimelineEntry

_TICKET: Final = "9b0f6e0e-4b67-4ff0-8f4a-9d3d7c1f2a10"
_CUSTOMER: Final = "1d1f3a52-7c58-4f8c-9e57-0c5a2b7f4e21"
_USER: Final = "6a7f6f0e-52e7-4d09-a6a1-3d7b0d0c8f32"
_GROUP: Final = "f2c7b7b4-0c4e-4b8e-8d52-7e3c9a1b6d43"
_OPENED: Final = "2026-01-05T09:00:00Z"
_CHANGED: Final = "2026-01-05T09:12:00Z"
_TIMES: Final = {"created_at": _OPENED, "updated_at": _CHANGED, "version": 2}


class _Null(Enum):
    """Litestar leaves None out of the document; a member that stands for it stays in."""

    NULL = None


_EXAMPLES: Final[dict[type, Any]] = {
    TicketDocument: {
        "id": _TICKET,
        "ticket_number": 123,
        "number": "T-000123",
        "title": "The printer on floor 3 jams",
        "description": "Since this morning; it also smells.",
        "customer": {"id": _CUSTOMER, "name": "Acme Werke GmbH"},
        "requester": {"name": "Ada Zürn", "email": "ada@acme.example", "phone": "+49 30 901820"},
        "category": "hardware",
        "tags": ["floor-3", "printer"],
        "source": "email",
        "impact": "medium",
        "urgency": "medium",
        "priority": "medium",
        "status": "assigned",
        "waiting_reason": _Null.NULL,
        "assignee": {"id": _USER, "name": "Anna Berger"},
        "group": {"id": _GROUP, "name": "First level"},
        "reassignment_count": 0,
        "reopen_count": 0,
        "external": {"system": "servicenow", "number": "INC0000047"},
        "first_response_at": _Null.NULL,
        "resolved_at": _Null.NULL,
        "closed_at": _Null.NULL,
        "deleted_at": _Null.NULL,
        **_TIMES,
    },
    TimelineEntry: {
        "kind": "ticket.assigned",
        "occurred_at": _CHANGED,
        "actor": {"id": _USER, "name": "Anna Berger"},
        "public": False,
        "changes": {
            "group_id": _GROUP,
            "assignee_id": _USER,
            "status": "assigned",
            "reassignment_count": 0,
        },
        "provenance": {
            "position": 4711,
            "version": 2,
            "recorded_at": "2026-01-05T09:12:00.042000Z",
            "command_id": "0c3b7f0a-2a3e-4d0e-9a62-5f6f3c2f7b54",
            "correlation_id": "0c3b7f0a-2a3e-4d0e-9a62-5f6f3c2f7b54",
            "causation_id": _Null.NULL,
            "source": _Null.NULL,
        },
    },
    CustomerDocument: {
        "id": _CUSTOMER,
        "number": 10042,
        "name": "Acme Werke GmbH",
        "address": {
            "street": "Hauptstraße 1",
            "postal_code": "10115",
            "city": "Berlin",
            "country": "DE",
        },
        "email_domains": ["acme.example"],
        "status": "active",
        **_TIMES,
    },
    UserDocument: {
        "id": _USER,
        "name": "Anna Berger",
        "email": "anna.berger@msp.example",
        "role": "technician",
        "customer": _Null.NULL,
        "status": "active",
        **_TIMES,
    },
    GroupDocument: {
        "id": _GROUP,
        "name": "First level",
        "description": "Takes every call first.",
        "status": "active",
        **_TIMES,
    },
    Found: {
        "data": [
            {
                "id": _TICKET,
                "kind": "ticket",
                "number": "T-000123",
                "title": "The printer on floor 3 jams",
                "snippet": "The <mark>printer</mark> on floor 3 jams",
                "score": 0.61,
            }
        ]
    },
}


def of(content: Any) -> Any:
    """Return an example of an answer: a document, or a page that holds one."""
    if content in _EXAMPLES:
        return _EXAMPLES[content]
    (base,) = content.__orig_bases__
    (kind,) = get_args(base)
    return {
        "data": [_EXAMPLES[kind]],
        "meta": {"page": 1, "limit": 20, "total": 1, "total_pages": 1},
        "links": {"self": "?page=1", "next": _Null.NULL, "prev": _Null.NULL},
    }
