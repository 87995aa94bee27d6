"""Which customer belongs to which: never in a circle, whoever decides at the same time."""

from collections.abc import Awaitable, Callable
from itertools import permutations
from uuid import UUID

import pytest

from commands.context import Command
from commands.customers.customers import ArchiveCustomer, ChangeCustomer
from commands.customers.merging import MergeCustomer, UnmergeCustomer
from domain.customers.customers import (
    Customer,
    CustomerArchived,
    CustomerNotFound,
)
from domain.customers.kin import CircleForbids, ParentIsDescendant
from domain.errors import Refused
from domain.merging import HasTakenIn, MergedAway, MergedIntoItself, NotMerged
from domain.values import CustomerId
from eventstore.mapper import rebuild
from tests.commands.office import Office
from tests.given import customer_registered

A, B, C, D = (CustomerId(UUID(int=number)) for number in range(1, 5))


def _office() -> Office:
    """Return an office with four customers, none of which belongs to another."""
    return Office(
        *(
            customer_registered(originator_id=one, number=number, email_domains=())
            for number, one in enumerate((A, B, C, D), start=1)
        )
    )


def _below(id: CustomerId, parent_id: CustomerId | None) -> ChangeCustomer:
    return ChangeCustomer(customer_id=id, parent_id=parent_id)


async def _customer(office: Office, id: CustomerId) -> Customer:
    customer = rebuild(Customer, await office.log.read_stream(id))
    assert customer is not None
    return customer


async def _has_circle(office: Office) -> bool:
    customers = {one: await _customer(office, one) for one in (A, B, C, D)}
    for begin in customers.values():
        seen: list[UUID] = []
        at: UUID | None = begin.merged_into or begin.id
        while at is not None:
            if at in seen:
                return True
            seen.append(at)
            parent = customers[CustomerId(at)].parent_id
            at = parent and (customers[parent].merged_into or parent)
    return False


async def _unless_refused(office: Office, command: Command) -> None:
    try:
        await office.ask(command)
    except Refused:
        return


def _meanwhile(office: Office, command: Command) -> Callable[[], Awaitable[None]]:
    return lambda: _unless_refused(office, command)


async def test_a_customer_comes_to_belong_to_another_one() -> None:
    office = _office()

    await office.ask(_below(A, B))

    assert (await _customer(office, A)).parent_id == B
    assert office.topics() == ["customer.parent_changed", "reservation.claimed"]


async def test_a_customer_comes_to_belong_to_none() -> None:
    office = _office()
    await office.ask(_below(A, B))
    office.settle()

    await office.ask(_below(A, None))

    assert office.topics() == ["customer.parent_changed"]


async def test_the_same_parent_again_is_ignored() -> None:
    office = _office()
    await office.ask(_below(A, B))
    office.settle()

    await office.ask(_below(A, B))

    assert office.told() == []


async def test_a_parent_that_is_not_there_is_not_found() -> None:
    office = _office()

    with pytest.raises(CustomerNotFound, match="00000099"):
        await office.ask(_below(A, CustomerId(UUID("00000099-0000-4000-8000-000000000000"))))


async def test_a_former_customer_becomes_no_parent() -> None:
    office = _office()
    await office.ask(ArchiveCustomer(customer_id=B))

    with pytest.raises(CustomerArchived):
        await office.ask(_below(A, B))


async def test_a_merged_customer_becomes_no_parent() -> None:
    office = _office()
    await office.ask(MergeCustomer(customer_id=B, into=C))

    with pytest.raises(MergedAway, match=str(C)):
        await office.ask(_below(A, B))


@pytest.mark.parametrize("top", [A, B, C])
async def test_a_customer_does_not_belong_to_itself_or_to_what_belongs_to_it(
    top: CustomerId,
) -> None:
    office = _office()
    await office.ask(_below(B, A))
    await office.ask(_below(C, B))

    with pytest.raises(ParentIsDescendant):
        await office.ask(_below(A, top))


async def test_a_circle_by_way_of_a_merged_customer_is_refused() -> None:
    office = _office()
    await office.ask(_below(C, A))
    await office.ask(MergeCustomer(customer_id=A, into=B))

    with pytest.raises(ParentIsDescendant):
        await office.ask(_below(B, C))


async def test_a_customer_is_not_merged_into_one_that_belongs_to_it() -> None:
    office = _office()
    await office.ask(_below(B, A))
    await office.ask(_below(C, B))

    with pytest.raises(CircleForbids):
        await office.ask(MergeCustomer(customer_id=A, into=C))


async def test_a_customer_is_merged_into_the_one_it_belongs_to() -> None:
    office = _office()
    await office.ask(_below(B, A))

    await office.ask(MergeCustomer(customer_id=B, into=A))

    assert not await _has_circle(office)


async def test_a_merge_is_not_taken_back_where_that_closes_a_circle() -> None:
    office = _office()
    await office.ask(_below(A, D))
    await office.ask(_below(C, A))
    await office.ask(MergeCustomer(customer_id=A, into=B))
    await office.ask(_below(D, C))

    with pytest.raises(CircleForbids):
        await office.ask(UnmergeCustomer(customer_id=A))


async def test_of_two_halves_of_a_circle_only_one_is_decided() -> None:
    office = _office()
    office.log.meanwhile.append(_meanwhile(office, _below(B, A)))

    with pytest.raises(ParentIsDescendant):
        await office.ask(_below(A, B))

    assert (await _customer(office, B)).parent_id == A
    assert not await _has_circle(office)


@pytest.mark.parametrize("order", list(permutations([(A, B), (B, C), (C, A)])))
async def test_of_three_parts_of_a_circle_at_most_two_are_decided(
    order: list[tuple[CustomerId, CustomerId]],
) -> None:
    office = _office()
    first, second, third = (_below(*pair) for pair in order)
    # Each is decided while the next one is faster: all three have seen three single customers.
    office.log.meanwhile += [_meanwhile(office, second), _meanwhile(office, third)]

    await _unless_refused(office, first)

    parents = [(await _customer(office, one)).parent_id for one in (A, B, C)]
    assert sum(parent is not None for parent in parents) == 2
    assert not await _has_circle(office)


async def test_a_merge_and_a_parent_that_close_a_circle_together_are_not_both_decided() -> None:
    office = _office()
    await office.ask(_below(C, A))
    office.log.meanwhile.append(_meanwhile(office, _below(B, C)))

    with pytest.raises(CircleForbids):
        await office.ask(MergeCustomer(customer_id=A, into=B))

    assert not await _has_circle(office)


async def test_the_scope_is_free_again_for_whoever_comes_next() -> None:
    office = _office()

    for one in (B, C, D):
        await office.ask(_below(one, A))

    turns = [topic for topic in office.topics() if topic.startswith("reservation.")]
    assert turns == ["reservation.claimed", "reservation.released", "reservation.released"]


@pytest.mark.parametrize(
    ("before", "command", "refusal"),
    [
        ([], MergeCustomer(customer_id=A, into=A), MergedIntoItself),
        ([(A, B)], MergeCustomer(customer_id=A, into=C), MergedAway),
        ([(A, B)], MergeCustomer(customer_id=C, into=A), MergedAway),
        ([(A, B)], MergeCustomer(customer_id=B, into=C), HasTakenIn),
        ([(A, B)], MergeCustomer(customer_id=B, into=A), MergedAway),
        ([], UnmergeCustomer(customer_id=A), NotMerged),
        ([(A, B)], UnmergeCustomer(customer_id=B), NotMerged),
        ([(A, B)], ChangeCustomer(customer_id=A, name="Acme AG"), MergedAway),
        ([(A, B)], ArchiveCustomer(customer_id=A), MergedAway),
    ],
)
async def test_a_merge_is_refused(
    before: list[tuple[CustomerId, CustomerId]], command: Command, refusal: type[Refused]
) -> None:
    office = _office()
    for one, into in before:
        await office.ask(MergeCustomer(customer_id=one, into=into))
    office.settle()

    with pytest.raises(refusal):
        await office.ask(command)

    assert office.told() == []


async def test_of_two_merges_that_meet_only_one_is_decided() -> None:
    office = _office()
    office.log.meanwhile.append(_meanwhile(office, MergeCustomer(customer_id=B, into=A)))

    with pytest.raises(MergedAway):
        await office.ask(MergeCustomer(customer_id=A, into=B))

    assert (await _customer(office, A)).merged_into is None


async def test_a_customer_may_take_in_several() -> None:
    office = _office()

    await office.ask(MergeCustomer(customer_id=A, into=D))
    await office.ask(MergeCustomer(customer_id=B, into=D))
    await office.ask(UnmergeCustomer(customer_id=A))

    assert (await _customer(office, D)).taken_in == (B,)
