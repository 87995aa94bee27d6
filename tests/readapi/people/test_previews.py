"""What is told before somebody is erased."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from domain.people.erasures import SubjectKind
from readapi.people import previews
from readapi.people.previews import WARNINGS
from tests.conftest import Database
from tests.given import CUSTOMER, LOCATION, OTHER_USER
from tests.readapi.client import Asking, Desk, serving
from tests.readapi.every import ADMIN, OF_CUSTOMER, OF_STAFF
from tests.readapi.people.circle import (
    ADA,
    ANONYMOUS,
    BO,
    DOUBLE,
    FORMER,
    MERGED,
    OPEN,
    TOGETHER,
    called,
)


def path(kind: SubjectKind, id: UUID | str) -> str:
    return f"/privacy/subjects/{kind}/{id}/erasure"


async def at(people: Database, now: datetime, kind: SubjectKind, id: UUID) -> Any:
    """Return the preview that is asked for at this time."""
    async with serving(people, table=previews.previews(lambda: now)) as desk:
        return await desk.as_(ADMIN).get(path(kind, id))


async def recorded_in(admin: Asking, customer: UUID) -> int:
    """Return the year in which the log took in the last that it holds of a customer."""
    (last, *_) = (await admin.get(f"/customers/{customer}/timeline?order=desc"))["data"]
    at = datetime.fromisoformat(last["provenance"]["recorded_at"])
    return at.astimezone(timezone(timedelta(hours=1))).year


async def test_a_preview_counts_what_would_be_destroyed_and_names_it(admin: Asking) -> None:
    shown = await admin.get(path(SubjectKind.CONTACT, ADA))

    assert shown["subject"]["label"] == "Ada Zürn"
    assert shown["destroyed"] == [
        {"kind": "contact", "records": 2, "open": 0, "shared": 0},
        {"kind": "interaction", "records": 2, "open": 0, "shared": 1},
        {"kind": "ticket", "records": 2, "open": 1, "shared": 0},
    ]
    assert shown["open_tickets"] == 1
    assert len(shown["records"]) == 6
    assert {one["id"] for one in shown["records"]} >= {str(ADA), str(DOUBLE), str(TOGETHER)}
    assert shown["kept"] == []
    assert shown["order"] is None
    assert shown["warnings"] == [*WARNINGS]


async def test_a_preview_of_a_merged_record_is_of_what_stands_in_its_place(admin: Asking) -> None:
    shown = await admin.get(path(SubjectKind.CONTACT, DOUBLE))

    assert shown["subject"]["id"] == str(ADA)
    assert len(shown["records"]) == 6


async def test_of_a_customer_the_books_are_kept_from_its_last_event_on(
    people: Database, admin: Asking
) -> None:
    year = await recorded_in(admin, MERGED)

    shown = await at(people, datetime(year + 1, 3, 1, tzinfo=UTC), SubjectKind.CUSTOMER, CUSTOMER)

    kept = {one["id"]: one for one in shown["kept"]}
    # The order itself puts Acme out of use, which is one more event.
    assert {id: one["until"] for id, one in kept.items()} == {
        str(CUSTOMER): f"{year + 9}-12-31",
        str(MERGED): f"{year + 8}-12-31",
    }
    assert kept[str(CUSTOMER)]["retention"] == "books"
    assert "HGB § 257" in kept[str(CUSTOMER)]["basis"]
    assert set(kept[str(CUSTOMER)]["fields"]) >= {"name", "address", "vat_id"}
    assert "notes" not in kept[str(CUSTOMER)]["fields"]
    assert kept[str(MERGED)]["fields"] == ["address", "name"]


async def test_once_the_term_is_over_nothing_is_kept(people: Database, admin: Asking) -> None:
    year = await recorded_in(admin, FORMER)
    last = datetime(year + 8, 12, 31, 12, tzinfo=UTC)

    kept = await at(people, last, SubjectKind.CUSTOMER, FORMER)
    over = await at(people, last.replace(hour=23), SubjectKind.CUSTOMER, FORMER)

    assert [one["until"] for one in kept["kept"]] == [f"{year + 8}-12-31"]
    assert over["kept"] == []


@pytest.mark.parametrize(
    ("kind", "id"),
    [
        (SubjectKind.USER, OTHER_USER),
        (SubjectKind.LOCATION, LOCATION),
        (SubjectKind.TICKET, ANONYMOUS),
        (SubjectKind.INTERACTION, TOGETHER),
    ],
)
async def test_what_stands_alone_falls_alone(admin: Asking, kind: SubjectKind, id: UUID) -> None:
    shown = await admin.get(path(kind, id))

    assert [one["id"] for one in shown["records"]] == [str(id)]
    assert [(one["kind"], one["records"]) for one in shown["destroyed"]] == [(kind, 1)]
    assert shown["kept"] == []


async def test_a_ticket_and_a_customer_are_found_by_their_numbers(admin: Asking) -> None:
    ticket = await admin.get(path(SubjectKind.TICKET, "T-000001"))
    customer = await admin.get(path(SubjectKind.CUSTOMER, "10001"))

    assert ticket["subject"]["id"] == str(OPEN)
    assert customer["subject"]["id"] == str(CUSTOMER)


async def test_a_preview_tells_of_the_order_that_there_is(api: Desk) -> None:
    shown = await api.as_(ADMIN).get(path(SubjectKind.CONTACT, ADA))

    assert (shown["order"]["status"], shown["order"]["basis"]) == ("ordered", "term")


@pytest.mark.parametrize("kind", SubjectKind, ids=str)
@pytest.mark.parametrize("part", ["erasure", "export"])
async def test_who_is_not_there_is_not_found(admin: Asking, kind: SubjectKind, part: str) -> None:
    problem = await admin.get(f"/privacy/subjects/{kind}/{called('nobody')}/{part}", status=404)

    assert problem["type"] == f"urn:psa:problem:{kind.title()}NotFound"


@pytest.mark.parametrize(
    "asked",
    [
        "/privacy/subjects?text=ada",
        path(SubjectKind.CONTACT, BO),
        f"/privacy/subjects/contact/{BO}/export",
    ],
)
async def test_only_administrators_ask_about_people(office: Desk, asked: str) -> None:
    others = [actor for actor in (*OF_STAFF, OF_CUSTOMER) if actor is not ADMIN]

    statuses = {await office.as_(actor).status(asked) for actor in others}

    assert statuses == {403}
    assert await office.as_(ADMIN).status(asked) == 200
