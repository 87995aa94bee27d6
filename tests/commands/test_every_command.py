"""What holds for every command alike: accepted, repeated, raced, expected version, bounds."""

from collections.abc import Awaitable, Callable

import msgspec
import pytest

from commands.context import Command, VersionMismatch
from commands.desk.tickets import CommentTicket
from commands.dispatch import Accepted
from commands.table import TABLE
from domain.actors import EVERYONE, Actor, Role, RoleForbidden
from domain.base import Change, Event
from domain.errors import NotFound, Refused
from eventstore.errors import CommandIdReused
from tests.commands.office import ADMIN, PORTAL, STRANGER, UNBOUND, Office, command_id
from tests.commands.samples import FIRST, SAMPLES, TARGETS, Sample
from tests.given import CUSTOMER, EXAMPLES

every = pytest.mark.parametrize("sample", SAMPLES, ids=str)
changing = pytest.mark.parametrize("sample", [s for s in SAMPLES if not s.creates], ids=str)
creating = pytest.mark.parametrize("sample", [s for s in SAMPLES if s.creates], ids=str)

MORE = {
    kind: fact
    for kind in TARGETS
    for fact in reversed(EXAMPLES)
    if fact.event_class in vars(kind).values() and issubclass(fact.event_class, Change)
}
"""One more fact about each kind of record: a plain change."""
INTERRUPTIONS = {
    sample.kind: sample.command
    for sample in reversed(SAMPLES)
    if not sample.creates and type(sample.command).__name__.startswith(("Change", "Correct"))
}
"""Another command on the same kind of record: a plain change."""


def _actor(role: Role) -> Actor:
    customer_id = CUSTOMER if role is Role.CUSTOMER else None
    return Actor(id="somebody", name="Somebody", role=role, customer_id=customer_id)


def test_every_command_has_a_sample() -> None:
    sampled = [type(sample.command) for sample in SAMPLES]

    missing = [
        f"{entry.command.__name__} has no sample; add one to tests/commands/samples/."
        for entry in TABLE
        if entry.command not in sampled
    ]

    assert not missing, " ".join(missing)
    assert sorted(map(str, sampled)) == sorted(str(entry.command) for entry in TABLE)


def test_every_kind_of_record_that_is_changed_can_be_changed_meanwhile() -> None:
    changed = {sample.kind for sample in SAMPLES if not sample.creates}

    missing = [
        f"{kind.__name__} has no command Change… or Correct… or no fact of a change."
        for kind in changed
        if kind not in INTERRUPTIONS or kind not in MORE
    ]

    assert not missing, " ".join(missing)


@every
async def test_a_command_is_accepted_with_the_version_and_position_it_led_to(
    sample: Sample,
) -> None:
    office = Office(*sample.given)

    accepted = await office.ask(sample.command)

    about = [e for e in office.told() if e.originator_id == accepted.id]
    assert tuple(office.topics()) == sample.topics
    assert accepted.version == about[-1].originator_version
    assert accepted.position == len(office.log.recorded)


@changing
async def test_a_command_answers_with_the_record_it_names(sample: Sample) -> None:
    office = Office(*sample.given)

    accepted = await office.ask(sample.command)

    assert accepted.id == TARGETS[sample.kind]


@every
async def test_a_repeated_command_gets_the_same_answer_and_appends_nothing(
    sample: Sample,
) -> None:
    office = Office(*sample.given)
    first = await office.ask(sample.command, id=command_id("once"))
    after = len(office.log.recorded)

    second = await office.ask(sample.command, id=command_id("once"))

    assert second == first
    assert len(office.log.recorded) == after


@changing
async def test_a_repeated_command_gets_the_same_answer_although_the_record_went_on(
    sample: Sample,
) -> None:
    office = Office(*sample.given)
    first = await office.ask(sample.command, id=command_id("once"))
    # Unless it is deleted or merged: then it goes nowhere.
    await _unless_refused(office, INTERRUPTIONS[sample.kind])()

    second = await office.ask(sample.command, id=command_id("once"), expecting=first.version + 7)

    assert second == first


@every
async def test_another_command_under_the_same_id_is_refused(sample: Sample) -> None:
    office = Office(*sample.given)
    await office.ask(sample.command, id=command_id("once"))
    office.settle()
    other = next(s.command for s in SAMPLES if type(s.command) is not type(sample.command))

    with pytest.raises(CommandIdReused):
        await office.ask(other, id=command_id("once"))

    assert office.told() == []


@every
async def test_the_same_command_at_the_same_time_is_appended_once(sample: Sample) -> None:
    office = Office(*sample.given)
    answers: list[Accepted] = []

    async def on_another_line() -> None:
        answers.append(await office.ask(sample.command, id=command_id("once")))

    office.log.meanwhile.append(on_another_line)
    answers.append(await office.ask(sample.command, id=command_id("once")))

    assert answers[0] == answers[1]
    assert tuple(office.topics()) == sample.topics


@changing
async def test_a_raced_command_is_decided_anew_on_what_is_there_then(sample: Sample) -> None:
    office = Office(*sample.given)
    other = INTERRUPTIONS[sample.kind]
    # A record that is out of use refuses the other command; then nobody was faster.
    office.log.meanwhile.append(_unless_refused(office, other))

    accepted = await office.ask(sample.command)

    versions = [e.originator_version for e in office.told() if e.originator_id == accepted.id]
    assert versions == list(range(versions[0], accepted.version + 1))
    assert set(sample.topics) <= set(office.topics())


@changing
async def test_of_two_who_ask_the_same_both_are_in_the_log_or_one_hears_why_not(
    sample: Sample,
) -> None:
    office = Office(*sample.given)
    office.log.meanwhile.append(_unless_refused(office, sample.command))

    await _unless_refused(office, sample.command)()

    about = [e for e in office.told() if e.originator_id == TARGETS[sample.kind]]
    assert sample.topics[0] in office.topics()
    assert [e.originator_version for e in about] == sorted({e.originator_version for e in about})


def _unless_refused(office: Office, command: Command) -> Callable[[], Awaitable[None]]:
    async def meanwhile() -> None:
        try:
            await office.ask(command)
        except Refused:
            return

    return meanwhile


@changing
async def test_a_command_on_the_version_that_was_seen_is_accepted(sample: Sample) -> None:
    office = Office(*sample.given)
    target = TARGETS[sample.kind]
    seen = sum(event.stream_id == target for event in office.log.recorded)

    accepted = await office.ask(sample.command, expecting=seen)

    assert accepted.version > seen


@changing
async def test_a_command_on_another_version_is_refused(sample: Sample) -> None:
    office = Office(*sample.given)

    with pytest.raises(VersionMismatch, match=r"at version \d+, not 99"):
        await office.ask(sample.command, expecting=99)

    assert office.told() == []


@creating
async def test_a_new_record_has_no_version_that_could_have_been_seen(sample: Sample) -> None:
    office = Office(*sample.given)

    with pytest.raises(VersionMismatch, match="at version 0, not 1"):
        await office.ask(sample.command, expecting=1)

    assert office.told() == []


@changing
async def test_a_command_on_a_version_that_is_outrun_is_refused(sample: Sample) -> None:
    office = Office(*sample.given)
    seen = sum(event.stream_id == TARGETS[sample.kind] for event in office.log.recorded)

    async def change_it() -> None:
        office.log.record(_one_more(office, sample))

    office.log.meanwhile.append(change_it)

    with pytest.raises(VersionMismatch):
        await office.ask(sample.command, expecting=seen)

    assert len(office.told()) == 1


def _one_more(office: Office, sample: Sample) -> Event:
    """Return one more event of the record, as another process would have appended it."""
    history = [e for e in office.log.events() if e.originator_id == TARGETS[sample.kind]]
    return MORE[sample.kind].event(len(history) + 1)


@changing
async def test_a_record_that_is_not_there_is_not_found(sample: Sample) -> None:
    office = Office()

    with pytest.raises(sample.kind.MISSING):
        await office.ask(sample.command)

    assert office.told() == []


@changing
async def test_an_id_of_another_kind_of_record_is_not_found(sample: Sample) -> None:
    other = next(kind for kind in TARGETS if kind is not sample.kind)
    office = Office(FIRST[other])
    field = next(f for f in sample.command.__struct_fields__ if f.endswith("_id"))
    elsewhere = msgspec.structs.replace(sample.command, **{field: TARGETS[other]})

    with pytest.raises(sample.kind.MISSING):
        await office.ask(elsewhere)

    assert office.told() == []


@pytest.mark.parametrize(
    ("sample", "role"),
    [
        pytest.param(sample, role, id=f"{sample}-{role}")
        for entry in TABLE
        for sample in SAMPLES
        if type(sample.command) is entry.command
        for role in sorted(EVERYONE - set(entry.may))
    ],
)
async def test_a_role_that_may_not_is_refused_before_anything_is_read(
    sample: Sample, role: Role
) -> None:
    office = Office(*sample.given)

    with pytest.raises(RoleForbidden):
        await office.ask(sample.command, by=_actor(role))

    assert office.told() == []
    assert office.log.reads == []


@every
@pytest.mark.parametrize("actor", [STRANGER, UNBOUND], ids=["of another customer", "of none"])
async def test_a_portal_user_does_nothing_outside_their_customer(
    sample: Sample, actor: Actor
) -> None:
    office = Office(*sample.given)

    with pytest.raises((NotFound, RoleForbidden)):
        await office.ask(sample.command, by=actor)

    assert office.told() == []


@every
async def test_what_is_refused_to_a_stranger_sounds_as_if_it_were_not_there(
    sample: Sample,
) -> None:
    office, nothing = Office(*sample.given), Office()

    answers = [await _refusal(each, sample) for each in (office, nothing)]

    assert answers[0] == answers[1]


async def _refusal(office: Office, sample: Sample) -> str:
    with pytest.raises(Refused) as refused:
        await office.ask(sample.command, by=STRANGER, expecting=99)
    return str(refused.value)


@every
async def test_every_event_says_who_asked_and_by_which_command(sample: Sample) -> None:
    office = Office(*sample.given)

    await office.ask(sample.command, by=ADMIN, id=command_id("once"))

    for metadata in office.metadata():
        assert metadata.actor == ADMIN.id
        assert metadata.command_id == command_id("once")
        assert metadata.correlation_id == command_id("once")


async def test_a_portal_user_writes_on_their_customers_ticket() -> None:
    sample = next(s for s in SAMPLES if isinstance(s.command, CommentTicket))
    office = Office(*sample.given)

    await office.ask(sample.command, by=PORTAL)

    assert tuple(office.topics()) == sample.topics
