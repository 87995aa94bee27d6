"""One customer at a glance: what is in it, who sees what of it, and what it costs."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import psycopg
import pytest
import pytest_asyncio

from domain.actors import Actor, Role
from domain.customers.people import ContactRole
from domain.desk.priorities import Level, Priority
from domain.desk.statuses import Status, WaitingReason
from domain.values import CustomerId
from infra.embedded import Urls
from projections.schema import ensure
from readapi.customers import overview
from readapi.customers.overview.subject import values
from tests.conftest import Database, own_database
from tests.given import (
    CONTACT,
    CUSTOMER,
    GROUP,
    INTERACTION,
    LOCATION,
    OTHER_CUSTOMER,
    T0,
    TICKET,
    USER,
    Fact,
    assigned,
    closed,
    commented,
    contact_added,
    contact_archived,
    contact_merged,
    customer_changed,
    customer_merged,
    customer_registered,
    customer_tagged,
    customer_taken_in,
    deactivated,
    deleted,
    group_formed,
    interaction_archived,
    interaction_recorded,
    location_archived,
    location_registered,
    opened,
    parent_changed,
    put_on_hold,
    reopened,
    resolved,
    user_registered,
)
from tests.projections.given import append, events
from tests.readapi import client
from tests.readapi.client import Desk, serving
from tests.readapi.every import ADMIN, OF_CUSTOMER, OF_NOBODY, OF_OTHER, OF_STAFF
from tests.readapi.folding import fold_all

NOW = T0 + timedelta(days=400)
PARENT, CHILD, DOUBLE = (uuid5(CUSTOMER, name) for name in ("parent", "child", "double"))


def ago(**time: float) -> datetime:
    return NOW - timedelta(**time)


def ticket(name: str, at: datetime, *more: Fact, **changes: Any) -> Iterator[Fact]:
    """Yield how a ticket was opened, and what else happened to it."""
    id = uuid5(TICKET, name)
    yield opened(originator_id=id, title=name, external=None, timestamp=at, **changes)
    for fact in more:
        yield fact(originator_id=id)


def as_text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def weighed(level: Level, priority: Priority) -> dict[str, Any]:
    return {"impact": level, "urgency": level, "priority": priority}


def customer(id: UUID, number: int, name: str) -> Fact:
    return customer_registered(originator_id=id, number=number, name=name)


def portal_user(name: str, customer_id: UUID) -> Fact:
    return user_registered(
        originator_id=uuid5(USER, name), name=name, role=Role.CUSTOMER, customer_id=customer_id
    )


def person(name: str, customer_id: UUID, *roles: ContactRole) -> Fact:
    return contact_added(
        originator_id=uuid5(CONTACT, name), name=name, customer_id=customer_id, roles=roles
    )


def place(name: str, customer_id: UUID) -> Fact:
    return location_registered(
        originator_id=uuid5(LOCATION, name), name=name, customer_id=customer_id
    )


CRITICAL = weighed(Level.HIGH, Priority.CRITICAL)
LOW = weighed(Level.LOW, Priority.LOW)
TECHNICIAN = user_registered(name="Tess", role=Role.TECHNICIAN, customer_id=None)
WAITING = put_on_hold(status=Status.WAITING_CUSTOMER, reason=WaitingReason.CUSTOMER)

FACTS = (
    customer(CUSTOMER, 10001, "Acme AG"),
    customer(OTHER_CUSTOMER, 10002, "Bolt KG"),
    customer(PARENT, 10003, "Acme Holding SE"),
    customer(CHILD, 10004, "Acme Logistik GmbH"),
    customer(DOUBLE, 10005, "ACME"),
    customer_changed,
    customer_tagged,
    parent_changed(parent_id=PARENT),
    parent_changed(originator_id=CHILD, parent_id=CUSTOMER),
    customer_merged(originator_id=DOUBLE, into=CUSTOMER),
    customer_taken_in(other=DOUBLE),
    group_formed,
    TECHNICIAN,
    portal_user("Ada", CUSTOMER),
    portal_user("Ben", DOUBLE),
    portal_user("Cem", OTHER_CUSTOMER),
    portal_user("Dora", CUSTOMER),
    deactivated(originator_id=uuid5(USER, "Dora")),
    interaction_recorded(customer_id=CUSTOMER, happened_at=ago(days=2)),
    interaction_recorded(
        originator_id=uuid5(INTERACTION, "later"),
        customer_id=DOUBLE,
        happened_at=ago(days=1),
        contact_ids=(),
    ),
    interaction_recorded(originator_id=uuid5(INTERACTION, "gone"), customer_id=CUSTOMER),
    interaction_archived(originator_id=uuid5(INTERACTION, "gone")),
    interaction_recorded(originator_id=uuid5(INTERACTION, "other"), customer_id=OTHER_CUSTOMER),
    person("Zoe", CUSTOMER, ContactRole.BILLING, ContactRole.MAIN),
    person("Ada", CUSTOMER),
    person("Ben", DOUBLE),
    person("Gone", CUSTOMER),
    contact_archived(originator_id=uuid5(CONTACT, "Gone")),
    person("Zoe again", CUSTOMER),
    contact_merged(originator_id=uuid5(CONTACT, "Zoe again"), into=uuid5(CONTACT, "Zoe")),
    person("Of another", OTHER_CUSTOMER),
    place("Plant", CUSTOMER),
    place("Annex", DOUBLE),
    place("Closed", CUSTOMER),
    location_archived(originator_id=uuid5(LOCATION, "Closed")),
    place("Elsewhere", OTHER_CUSTOMER),
    *ticket("old and low", ago(days=399), WAITING(timestamp=ago(days=398)), **LOW),
    *ticket("new and low", ago(days=20), **LOW),
    *ticket("critical", ago(days=80), assigned(timestamp=ago(days=79)), **CRITICAL),
    *ticket("of the double", ago(hours=1), customer_id=DOUBLE, **LOW),
    *ticket(
        "answered",
        ago(days=50),
        commented(timestamp=ago(days=49)),
        resolved(timestamp=ago(days=40)),
        closed(timestamp=ago(days=25)),
    ),
    *ticket(
        "closed at once",
        ago(days=60),
        commented(timestamp=ago(days=57)),
        closed(timestamp=ago(days=56)),
    ),
    *ticket("closed long ago", ago(days=396), closed(timestamp=ago(days=100))),
    *ticket("resolved only", ago(days=10), resolved(timestamp=ago(days=9))),
    *ticket(
        "opened again", ago(days=5), closed(timestamp=ago(days=4)), reopened(timestamp=ago(days=3))
    ),
    *ticket("deleted", ago(days=3), deleted(timestamp=ago(days=2)), **CRITICAL),
    *ticket("of another", ago(days=1), customer_id=OTHER_CUSTOMER),
)


@pytest.fixture(scope="session")
def filled_customers(urls: Urls) -> Iterator[Database]:
    with own_database(urls, "overview") as database:
        append(database.url, events(*FACTS))
        ensure(database.url)
        yield database


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def glance(filled_customers: Database) -> AsyncIterator[Desk]:
    """The overview alone, at a fixed time."""
    await fold_all(filled_customers.url)
    async with serving(filled_customers, table=[overview.entry(lambda: NOW)]) as desk:
        yield desk


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shown(glance: Desk) -> Any:
    """What staff sees of the customer."""
    return await glance.as_(ADMIN).get(f"/customers/{CUSTOMER}/overview")


@pytest.mark.parametrize("actor", [ADMIN, OF_CUSTOMER], ids=lambda actor: actor.id)
async def test_the_customer_is_shown_as_it_is_alone(
    glance: Desk, filled_customers: Database, actor: Actor
) -> None:
    async with serving(filled_customers) as desk:
        alone = await desk.as_(actor).get(f"/customers/{CUSTOMER}")

    shown = await glance.as_(actor).get(f"/customers/{CUSTOMER}/overview")

    assert shown["customer"] == alone


async def test_open_tickets_are_shown_by_weight_and_then_the_newest_first(shown: Any) -> None:
    assert [one["title"] for one in shown["tickets"]["data"]] == [
        "critical",
        "opened again",
        "of the double",
        "new and low",
        "old and low",
    ]
    assert shown["tickets"]["total"] == 5
    assert shown["tickets"]["by_status"] == {
        "new": 2,
        "assigned": 1,
        "in_progress": 1,
        "waiting_customer": 1,
    }
    assert shown["tickets"]["by_priority"] == {"critical": 1, "medium": 1, "low": 3}


async def test_a_ticket_says_who_has_it(shown: Any) -> None:
    (critical, *_) = shown["tickets"]["data"]

    assert critical["assignee"] == {"id": str(USER), "name": "Tess"}
    assert critical["group"] == {"id": str(GROUP), "name": group_formed.values["name"]}
    assert critical["number"].startswith("T-")


async def test_figures_count_what_happened_in_their_time(shown: Any) -> None:
    assert shown["ticket_figures"] == {
        "open": 5,
        "waiting_for_customer": 1,
        "oldest_open_at": as_text(ago(days=399)),
        "oldest_open_seconds": 399 * 86_400,
        "opened_30_days": 4,
        "opened_365_days": 7,
        "closed_30_days": 1,
        "closed_365_days": 3,
        # One was answered after a day, the other after three.
        "mean_first_response_seconds": 2 * 86_400,
        # One was resolved after ten days, the other closed after four.
        "mean_resolution_seconds": 7 * 86_400,
    }
    assert shown["at"] == as_text(NOW)


async def test_a_customer_without_tickets_has_figures_without_a_mean(glance: Desk) -> None:
    empty = await glance.as_(ADMIN).get(f"/customers/{CHILD}/overview")

    assert empty["tickets"] == {"data": [], "total": 0, "by_status": {}, "by_priority": {}}
    assert empty["ticket_figures"]["oldest_open_at"] is None
    assert empty["ticket_figures"]["mean_resolution_seconds"] is None
    assert empty["ticket_figures"]["opened_365_days"] == 0


async def test_kin_are_shown_with_their_numbers(shown: Any) -> None:
    assert shown["kin"]["parent"] == {
        "id": str(PARENT),
        "number": 10003,
        "name": "Acme Holding SE",
        "status": "active",
    }
    assert [child["number"] for child in shown["kin"]["children"]] == [10004]
    assert shown["kin"]["total_children"] == 1


async def test_main_contacts_are_shown_first_and_nobodys_notes(shown: Any) -> None:
    assert [person["name"] for person in shown["contacts"]["data"]] == ["Zoe", "Ada", "Ben"]
    assert shown["contacts"]["total"] == 3
    assert shown["contacts"]["data"][0]["phones"][0] == {"number": "+4930901820", "label": "desk"}
    assert "notes" not in shown["contacts"]["data"][0]


async def test_locations_in_use_are_shown_by_name_without_how_to_get_in(shown: Any) -> None:
    assert [place["name"] for place in shown["locations"]["data"]] == ["Annex", "Plant"]
    assert shown["locations"]["total"] == 2
    assert "access_notes" not in shown["locations"]["data"][0]


async def test_interactions_that_count_are_shown_newest_first(shown: Any) -> None:
    assert [one["happened_at"] for one in shown["interactions"]] == [
        as_text(ago(days=1)),
        as_text(ago(days=2)),
    ]


async def test_users_of_the_portal_are_counted_unless_deactivated(shown: Any) -> None:
    assert shown["portal_users"] == 2


@pytest.mark.parametrize("name", ["10001", str(DOUBLE), "10005"])
async def test_a_number_or_a_merged_double_lead_to_the_same_overview(
    glance: Desk, shown: Any, name: str
) -> None:
    assert await glance.as_(ADMIN).get(f"/customers/{name}/overview") == shown


@pytest.mark.parametrize("actor", OF_STAFF, ids=lambda actor: actor.role.value)
async def test_every_role_of_staff_sees_all_of_it(glance: Desk, shown: Any, actor: Actor) -> None:
    assert await glance.as_(actor).get(f"/customers/{CUSTOMER}/overview") == shown


async def test_a_customers_people_see_their_own_without_what_is_for_staff(
    glance: Desk, shown: Any
) -> None:
    own = await glance.as_(OF_CUSTOMER).get(f"/customers/{CUSTOMER}/overview")

    hidden = {"mean_first_response_seconds": None, "mean_resolution_seconds": None}
    assert own["ticket_figures"] == shown["ticket_figures"] | hidden
    assert (own["customer"]["status"], own["customer"]["merged_into"]) == (None, None)
    assert (own["kin"], own["interactions"], own["portal_users"]) == (None, None, None)
    for part in ("contacts", "locations", "tickets"):
        assert own[part] == shown[part]


@pytest.mark.parametrize("actor", [OF_OTHER, OF_NOBODY], ids=lambda actor: actor.id)
async def test_customers_people_do_not_learn_of_another_customer(
    glance: Desk, actor: Actor
) -> None:
    names = [str(CUSTOMER), "10001", str(DOUBLE), str(PARENT)]

    statuses = {await glance.as_(actor).status(f"/customers/{name}/overview") for name in names}

    assert statuses == {404}


@pytest.mark.parametrize("name", ["10009", "0", "9" * 40, "Acme AG", "%D9%A1", str(UUID(int=7))])
async def test_what_names_no_customer_is_not_found(glance: Desk, name: str) -> None:
    problem = await glance.as_(ADMIN).get(f"/customers/{name}/overview", status=404)

    assert problem["type"] == "urn:psa:problem:CustomerNotFound"


@pytest.mark.parametrize("parameter", ["as_of=2026-01-31", "as_of_position=7"])
async def test_the_past_is_refused_by_name(glance: Desk, parameter: str) -> None:
    problem = await glance.as_(ADMIN).get(f"/customers/10001/overview?{parameter}", status=400)

    assert [error["field"] for error in problem["errors"]] == [parameter.partition("=")[0]]


async def test_the_answer_says_how_far_its_views_have_come(glance: Desk) -> None:
    head = await glance.log.head()

    answer = await glance.as_(ADMIN).answer("/customers/10001/overview", Min_Position=str(head))

    assert answer.headers["x-position"] == str(head)


async def test_an_absence_says_how_stale_it_is(database: Database) -> None:
    ensure(database.url)
    append(database.url, events(customer_registered))

    async with serving(database) as desk:
        answer = await desk.as_(ADMIN).answer(
            f"/customers/{CUSTOMER}/overview", status=404, Min_Position="1", Max_Wait_Ms="0"
        )

    assert (answer.headers["x-position"], answer.headers["x-stale-by"]) == ("0", "1")


async def test_one_statement_answers_all_of_it(
    glance: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    execute = psycopg.AsyncCursor.execute

    async def counted(cursor: Any, query: Any, *args: Any, **options: Any) -> Any:
        sent.append(query)
        return await execute(cursor, query, *args, **options)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", counted)

    for asking in (glance.as_(ADMIN), glance.as_(OF_CUSTOMER)):
        await asking.get(f"/customers/{CUSTOMER}/overview")

    assert len(sent) == 2
    assert all("rm.checkpoints" in text and "rm.tickets" in text for text in sent)


async def test_the_text_is_made_once(glance: Desk) -> None:
    asked = overview.STATEMENTS[True]

    texts = [asked.told(values(name, ADMIN, NOW))[0] for name in ("10001", str(CUSTOMER))]

    assert texts[0] is texts[1]


async def test_people_of_a_merged_double_see_the_one_that_stands_in_its_place(
    glance: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_double = Actor("of-double", "Ben", Role.CUSTOMER, CustomerId(DOUBLE))
    monkeypatch.setitem(client.ACTORS, of_double.id, of_double)

    own = await glance.as_(of_double).get(f"/customers/{DOUBLE}/overview")

    assert own == await glance.as_(OF_CUSTOMER).get(f"/customers/{CUSTOMER}/overview")


@pytest.mark.parametrize("staff", [True, False], ids=["staff", "customer"])
def test_every_part_is_looked_up_by_an_index(
    glance: Desk, filled_customers: Database, staff: bool
) -> None:
    text, facts = overview.STATEMENTS[staff].told(values(str(CUSTOMER), ADMIN, NOW))

    with psycopg.connect(filled_customers.url) as connection:
        connection.execute("set enable_seqscan = off")
        lines = connection.execute(f"explain {text}".encode(), facts).fetchall()

    plan = "\n".join(line for (line,) in lines)
    assert "Seq Scan on tickets" not in plan
    assert "Seq Scan on interactions" not in plan
    for index in ("tickets_open_by_customer", "tickets_closed_by_customer", "customers_by_whole"):
        assert index in plan
