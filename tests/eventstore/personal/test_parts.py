"""What tells of people travels apart, opens only in its own place, and can be gone."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import fields, is_dataclass
from hashlib import sha256
from typing import Any, Final, get_type_hints
from uuid import UUID

import msgspec
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.base import AggregateRoot, Created, Event
from domain.desk.tickets import Ticket
from domain.personal import Retention, erased, personal_fields
from eventstore.mapper import PayloadInvalid, decode, encode, payload_of, rebuild
from eventstore.personal.parts import Part, decrypted, encrypted, key_of, parts_of, with_parts
from eventstore.records import KeyName, NewEvent, Recorded
from tests.commands.samples import SAMPLES
from tests.given import (
    CONTACT,
    CUSTOMER,
    EXAMPLES,
    OTHER_CONTACT,
    T0,
    T1,
    TICKET,
    Fact,
    contact_added,
    contact_changed,
    customer_changed,
    given,
    opened,
    recorded,
    retitled,
    started,
)

TOLD: Final = [fact for fact in EXAMPLES if encode(fact.event()).personal]
"""A fact of each event that tells of a person."""
every = pytest.mark.parametrize("fact", EXAMPLES, ids=lambda fact: fact.event_class.TOPIC)
personal = pytest.mark.parametrize("fact", TOLD, ids=lambda fact: fact.event_class.TOPIC)


def key(name: KeyName) -> AESGCM:
    """Return the key of this name, always the same one."""
    return AESGCM(sha256(f"{name.subject} {name.keep}".encode()).digest())


def stored(event: Event) -> Recorded:
    """Return the event as the log holds it: what tells of people is encrypted, and not opened."""
    new = encode(event)
    parts = [encrypted(told, new, key(told.key)) for told in new.personal]
    return row(new, with_parts(new.state, parts) if parts else new.state)


def row(new: NewEvent, state: bytes) -> Recorded:
    return Recorded(
        position=1,
        stream_id=new.stream_id,
        version=new.version,
        event_id=new.event_id,
        topic=new.topic,
        class_version=new.class_version,
        state=state,
        metadata=b"{}",
        recorded_at=T0,
    )


def open_all(row: Recorded) -> Recorded:
    """Return the event with all of its parts opened."""
    parts = parts_of(row.state)
    texts = tuple(decrypted(part, row, key(key_of(part, row.stream_id))) for part in parts)
    return msgspec.structs.replace(row, opened=texts)


def without_keys(row: Recorded) -> Recorded:
    """Return the event as it is read once all of its keys are destroyed."""
    return msgspec.structs.replace(row, opened=(None,) * len(parts_of(row.state)))


def histories() -> Iterator[Any]:
    """Yield the histories of the samples, and one of each kind of record with all its events."""
    for number, sample in enumerate(SAMPLES):
        for history in by_record(sample.given):
            yield pytest.param(history, id=f"{number} {sample} {history[0].TOPIC}")
    for history in by_record(EXAMPLES):
        yield pytest.param(history, id=f"all of {history[0].TOPIC.partition('.')[0]}")


def by_record(facts: Iterable[Fact]) -> Collection[list[Event]]:
    """Return the histories that these facts make, each beginning with how its record began."""
    found: dict[UUID, list[Event]] = defaultdict(list)
    for fact in sorted(facts, key=lambda fact: not issubclass(fact.event_class, Created)):
        history = found[fact.event().originator_id]
        history.append(fact.event(len(history) + 1))
    return found.values()


def long_texts_in(value: Any) -> list[str]:
    """Return the texts in a value that are too long to stand somewhere by chance."""
    return [text for text in texts_in(value) if len(text) > 3]


def texts_in(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for one in value.values():
                yield from texts_in(one)
        case tuple() | list():
            for one in value:
                yield from texts_in(one)
        case _ if is_dataclass(value):
            for part in fields(value):
                yield from texts_in(getattr(value, part.name))


# What is written


@every
def test_what_tells_of_a_person_is_not_in_the_payload(fact: Fact) -> None:
    event = fact.event()

    new = encode(event)

    inside = msgspec.json.decode(new.state)
    marks = personal_fields(fact.event_class)
    assert [name for name, value in inside.items() if name in marks and value] == []
    assert {*inside, *(name for told in new.personal for name in told.fields)} == {
        *event.facts(),
        "timestamp",
    }


@every
def test_a_payload_in_plain_text_is_read_as_the_same_event(fact: Fact) -> None:
    event = fact.event(version=3)

    plain = row(encode(event), payload_of(event))

    # Older events were stored so: whoever opens parts finds none in them.
    assert decode(plain) == event
    assert decode(msgspec.structs.replace(plain, opened=())) == event


@every
def test_an_encrypted_event_comes_back_as_it_went(fact: Fact) -> None:
    event = fact.event(version=3)

    back = decode(open_all(stored(event)))

    assert back == event
    assert vars(back) == vars(event)


@personal
def test_no_text_of_a_person_can_be_read_in_what_is_stored(fact: Fact) -> None:
    event = fact.event()

    state = stored(event).state

    told = [vars(event)[name] for name in personal_fields(fact.event_class)]
    assert [text for text in long_texts_in(told) if text.encode() in state] == []


def test_a_field_that_is_kept_is_told_to_nobody() -> None:
    (told,) = encode(Fact(contact_changed.event_class, {"title": "Dr."}).event()).personal

    assert (told.fields, told.text) == (("title",), b'{"title":"Dr."}')


def test_where_nothing_is_told_there_is_nothing_to_encrypt() -> None:
    new = encode(Fact(contact_changed.event_class, {"title": "", "emails": ()}).event())

    assert new.personal == ()
    assert msgspec.json.decode(new.state).keys() == {"timestamp", "title", "emails"}


def test_what_the_books_need_has_a_key_of_its_own() -> None:
    kept = {told.key: told.fields for told in encode(customer_changed.event()).personal}

    assert kept == {
        KeyName(CUSTOMER, Retention.BOOKS): ("trade_name", "register_entry"),
        KeyName(CUSTOMER, Retention.NONE): ("notes",),
    }


def test_texts_of_a_ticket_are_encrypted_under_the_key_of_its_contact() -> None:
    ticket = given(Ticket, opened(contact_id=CONTACT))
    ticket.change(Ticket.Retitled, T1, title="Nothing prints")

    (event,) = recorded(ticket)

    (part,) = parts_of(stored(event).state)
    assert key_of(part, TICKET) == KeyName(CONTACT, Retention.NONE)
    assert decode(open_all(stored(event))) == event


def test_the_events_own_record_is_not_named_in_its_parts() -> None:
    (part,) = parts_of(stored(retitled.event()).state)

    assert part.subject is None
    assert key_of(part, TICKET) == KeyName(TICKET, Retention.NONE)


def test_the_same_text_is_never_encrypted_the_same_way() -> None:
    event = retitled.event()

    assert stored(event).state != stored(event).state


# What is read


@personal
def test_an_encrypted_event_that_nobody_opened_is_refused(fact: Fact) -> None:
    with pytest.raises(PayloadInvalid, match=rf"'{fact.event_class.TOPIC}' v1.*nobody opened it"):
        decode(stored(fact.event()))


@personal
def test_once_the_keys_are_gone_stand_ins_are_read_and_the_rest_as_it_was(fact: Fact) -> None:
    event = fact.event()
    new = encode(event)
    gone = {name for told in new.personal for name in told.fields}

    back = decode(without_keys(stored(event)))

    hints = get_type_hints(fact.event_class)
    assert vars(back) == vars(event) | {name: erased(hints[name]) for name in gone}


@pytest.mark.parametrize("history", [*histories()])
def test_a_record_of_which_all_is_erased_is_still_there_and_says_nothing(
    history: list[Event],
) -> None:
    record = rebuild(AggregateRoot, [without_keys(stored(event)) for event in history])

    assert record is not None
    assert record.version == len(history)
    told = [vars(event)[name] for event in history for name in personal_fields(type(event))]
    left = f"{vars(record)} {[*record.names()]}"
    assert [text for text in long_texts_in(told) if text in left] == []


def test_one_key_that_is_gone_takes_nothing_else_with_it() -> None:
    event = customer_changed.event()
    row = open_all(stored(event))
    assert row.opened is not None
    parts = parts_of(row.state)
    kept = [
        text if part.keep is Retention.BOOKS else None
        for part, text in zip(parts, row.opened, strict=True)
    ]

    back = vars(decode(msgspec.structs.replace(row, opened=tuple(kept))))

    assert back["trade_name"] == vars(event)["trade_name"]
    assert repr(back["notes"]) == "REDACTED"


def test_an_erased_event_is_written_with_what_stands_in_its_place() -> None:
    back = decode(without_keys(stored(contact_added.event())))

    payload = msgspec.json.decode(payload_of(back))

    assert (payload["name"], payload["emails"]) == ("[erased]", [])


# What does not open


def copied(**place: Any) -> Callable[[Part, Recorded], tuple[Part, Recorded]]:
    return lambda part, event: (part, msgspec.structs.replace(event, **place))


def altered(**facts: Any) -> Callable[[Part, Recorded], tuple[Part, Recorded]]:
    return lambda part, event: (msgspec.structs.replace(part, **facts), event)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(copied(stream_id=OTHER_CONTACT), id="copied into another stream"),
        pytest.param(copied(version=2), id="copied into a later event"),
        pytest.param(copied(topic="contact.changed"), id="copied into an event of another topic"),
        pytest.param(altered(subject=OTHER_CONTACT), id="said to be another person's"),
        pytest.param(altered(keep=Retention.BOOKS), id="said to be kept longer"),
        pytest.param(altered(fields=("name",)), id="said to hold other fields"),
        pytest.param(altered(cipher=bytes(40)), id="written over"),
    ],
)
def test_a_part_opens_in_its_own_place_only(
    change: Callable[[Part, Recorded], tuple[Part, Recorded]],
) -> None:
    event = stored(contact_added.event())
    (part,) = parts_of(event.state)
    contacts_key = key(KeyName(CONTACT, Retention.NONE))
    assert decrypted(part, event, contacts_key)

    with pytest.raises(InvalidTag):
        # Even with the very key: what is wrong is the place.
        decrypted(*change(part, event), contacts_key)


def test_another_key_opens_nothing() -> None:
    event = stored(contact_added.event())
    (part,) = parts_of(event.state)

    with pytest.raises(InvalidTag):
        decrypted(part, event, key(KeyName(OTHER_CONTACT, Retention.NONE)))


def test_a_text_that_speaks_of_parts_is_a_text() -> None:
    said = 'They wrote {"personal":[{"fields":["name"],"cipher":"AA=="}]}.'
    event = retitled(title=said).event()

    assert parts_of(payload_of(event)) == ()
    assert decode(open_all(stored(event))) == event


def test_an_event_that_tells_of_nobody_has_no_parts() -> None:
    assert parts_of(stored(started.event()).state) == ()
