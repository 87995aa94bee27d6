"""Which records fall with whom."""

from uuid import UUID

import pytest

from domain.people.erasures import SubjectKind
from eventstore.personal.marked import marked
from readapi.context import Context
from readapi.people.concerned import RECORDS, circle_of, concerned, pages
from tests.given import CUSTOMER, LOCATION, OTHER_CUSTOMER, OTHER_USER, USER
from tests.readapi.people.circle import (
    ADA,
    ALONE,
    ANONYMOUS,
    BO,
    DOUBLE,
    ELSEWHERE,
    MERGED,
    MISTAKEN,
    OF_BO,
    OPEN,
    PASSED_ON,
    SOLVED,
    TOGETHER,
    WITHOUT,
)

FALLING = [
    (SubjectKind.CONTACT, ADA, {ADA, DOUBLE, ALONE, TOGETHER, OPEN, SOLVED}),
    (SubjectKind.CONTACT, DOUBLE, {DOUBLE, TOGETHER, SOLVED}),
    (SubjectKind.CONTACT, BO, {BO, TOGETHER, WITHOUT, MISTAKEN, OF_BO}),
    (
        SubjectKind.CUSTOMER,
        CUSTOMER,
        {CUSTOMER, MERGED, ADA, DOUBLE, BO, USER, LOCATION, ALONE, TOGETHER, WITHOUT}
        | {OPEN, SOLVED, ANONYMOUS, OF_BO, MISTAKEN, PASSED_ON},
    ),
    (SubjectKind.CUSTOMER, OTHER_CUSTOMER, {OTHER_CUSTOMER, ELSEWHERE}),
    (SubjectKind.USER, OTHER_USER, {OTHER_USER}),
    (SubjectKind.LOCATION, LOCATION, {LOCATION}),
    (SubjectKind.TICKET, OPEN, {OPEN}),
    (SubjectKind.INTERACTION, TOGETHER, {TOGETHER}),
]
each = pytest.mark.parametrize(("kind", "id", "falling"), FALLING)


@each
async def test_with_a_subject_falls_what_tells_of_them_and_nothing_else(
    ctx: Context, kind: SubjectKind, id: UUID, falling: set[UUID]
) -> None:
    found = await concerned(ctx, kind, id)

    assert len(found) == len(falling)
    assert {one.id for one in found} == falling
    assert found[0].kind is kind


@each
async def test_many_are_read_a_few_at_a_time(
    ctx: Context, kind: SubjectKind, id: UUID, falling: set[UUID]
) -> None:
    whole = await concerned(ctx, kind, id)

    circle = await circle_of(ctx, kind, id)
    parts = [page async for page in pages(ctx, circle, 2)]

    assert {len(part) for part in parts[:-1]} <= {2}
    assert [one for part in parts for one in part] == whole


@each
async def test_as_many_are_counted_as_are_read(
    ctx: Context, kind: SubjectKind, id: UUID, falling: set[UUID]
) -> None:
    whole = await concerned(ctx, kind, id)

    counted = await (await circle_of(ctx, kind, id)).count(ctx)

    assert {one.kind: (one.records, one.open, one.shared) for one in counted} == {
        kind: (
            len(found := [one for one in whole if one.kind is kind]),
            sum(one.is_open for one in found),
            sum(one.is_shared for one in found),
        )
        for kind in {one.kind for one in whole}
    }


async def test_a_record_is_called_as_people_call_it(ctx: Context) -> None:
    found = await concerned(ctx, SubjectKind.CUSTOMER, CUSTOMER)

    called = {one.id: (one.label, one.number) for one in found}
    assert called[CUSTOMER] == ("Acme Werke GmbH", 10001)
    assert called[ADA] == ("Ada Zürn", None)
    assert called[USER] == ("Ada Zürn", None)
    assert called[OPEN] == ("T-000001", 1)
    assert called[ALONE] == ("Renewal of the contract", None)


async def test_it_is_told_which_tickets_are_open_and_which_talks_others_took_part_in(
    ctx: Context,
) -> None:
    found = await concerned(ctx, SubjectKind.CONTACT, ADA)

    assert [one.id for one in found if one.is_open] == [OPEN]
    assert [one.id for one in found if one.is_shared] == [TOGETHER]


async def test_of_who_is_nowhere_nothing_is_told(ctx: Context) -> None:
    assert await concerned(ctx, SubjectKind.CONTACT, UUID(int=0)) == []


def test_whatever_tells_of_a_person_is_a_record_that_can_be_erased() -> None:
    told = {topic.partition(".")[0] for topic in marked()}

    assert told == {*RECORDS}
    assert told == {*SubjectKind}
