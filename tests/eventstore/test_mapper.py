"""Events to bytes and back: nothing is lost, and nothing foreign comes in."""

import dataclasses
import sys
import types
import typing
import zlib
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NewType, cast
from uuid import UUID

import msgspec
import pytest
from eventsourcing.cipher import AESCipher
from eventsourcing.persistence import JSONTranscoder, StoredEvent
from eventsourcing.utils import Environment
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.base import AggregateRoot, Created, Event
from domain.checks import KEPT, Kept
from domain.customers.customers import Customer
from domain.desk.tickets import Ticket
from domain.values import Address
from eventstore import mapper
from eventstore.mapper import EventMapper, PayloadInvalid, VersionedEvent, decode, encode, rebuild
from eventstore.personal.parts import plain
from eventstore.records import Recorded
from tests.given import (
    CUSTOMER,
    EXAMPLES,
    T0,
    T1,
    TICKET,
    Fact,
    categorized,
    customer_moved,
    customer_registered,
    given,
    opened,
    put_on_hold,
    reopened,
    resolved,
    retitled,
    started,
)
from tests.golden.payloads import event_classes

ENVELOPE = {"originator_id", "originator_version", "originator_topic"}
TIME = "2026-01-05T09:00:00Z"

Payload = dict[str, Any]
Due = NewType("Due", datetime)


@dataclass(frozen=True)
class Part:
    """A test-only value within a value."""

    paid_at: datetime
    address: Address = field(default_factory=Address)


class Invoice(AggregateRoot):
    """A test-only aggregate with an event that has changed its shape twice."""

    TOPIC = "mapper_invoice"

    class Written(Created):
        TOPIC = "mapper_invoice.written"

    class Cancelled(Event):
        """v1 had `why`, v2 called it `reason`, v3 added `final`."""

        TOPIC = "mapper_invoice.cancelled"
        class_version = 3
        reason: str
        final: bool

        @staticmethod
        def upcast_v1_v2(state: Payload) -> None:
            state["reason"] = state.pop("why")

        @staticmethod
        def upcast_v2_v3(state: Payload) -> None:
            state["final"] = state["reason"] != "typo"

    class Sent(Event):
        """v1 stored the number of copies as a text."""

        TOPIC = "mapper_invoice.sent"
        class_version = 2
        copies: int

        @staticmethod
        def upcast_v1_v2(state: Payload) -> None:
            state["copies"] = int(state["copies"])

    class Noted(Event):
        """A field was added the preferred way: it is optional."""

        TOPIC = "mapper_invoice.noted"
        text: str
        author: str | None = None

    class Paid(Event):
        """Values may stand anywhere: in a list, by name, within each other, or not at all."""

        TOPIC = "mapper_invoice.paid"
        parts: tuple[Part, ...]
        by_name: dict[str, Part]
        rest: Part | None
        due: Due | None


@pytest.fixture(autouse=True)
def _invoice_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapper, "_EVENTS", mapper._EVENTS | mapper.events_of(Invoice))


@dataclass(frozen=True)
class Halves:
    """A compressor and a cipher that only tell in which order they were used."""

    name: bytes

    def compress(self, data: bytes) -> bytes:
        return self.name + data

    encrypt = compress

    def decompress(self, data: bytes) -> bytes:
        assert data.startswith(self.name)
        return data.removeprefix(self.name)

    decrypt = decompress


def row(topic: str, state: bytes, *, class_version: int = 1, version: int = 1) -> Recorded:
    """Return a row of the log with this payload."""
    return Recorded(
        position=1,
        stream_id=TICKET,
        version=version,
        event_id=TICKET,
        topic=topic,
        class_version=class_version,
        state=state,
        metadata=b"{}",
        recorded_at=T0,
    )


def stored(event: Event) -> Recorded:
    """Return the event as the log would hold it."""
    new = encode(event)
    return msgspec.structs.replace(
        row(new.topic, plain(new), class_version=new.class_version, version=new.version),
        stream_id=new.stream_id,
    )


def paid() -> Event:
    """Return an event with values in every kind of place."""
    return Invoice.Paid(  # type: ignore[call-arg]
        originator_id=TICKET,
        originator_version=1,
        timestamp=T0,
        parts=(Part(T0), Part(T1, Address(city="Wien", country="AT"))),
        by_name={"rest": Part(T1)},
        rest=None,
        due=Due(T1),
    )


def payload_of(fact: Fact) -> Payload:
    """Return what the log holds of a fact."""
    payload: Payload = msgspec.json.decode(mapper.payload_of(fact.event()))
    return payload


def written(topic: str, payload: object, *, class_version: int = 1) -> Recorded:
    """Return a row of the log with this payload."""
    return row(topic, msgspec.json.encode(payload), class_version=class_version)


def library_mapper(*, compressor: Any = None, cipher: Any = None) -> EventMapper:
    """Return the mapper as the library's `Application` builds it."""
    return EventMapper(JSONTranscoder(), compressor=compressor, cipher=cipher)


def values_of(hint: Any) -> st.SearchStrategy[Any]:  # noqa: PLR0911 - one per kind of type
    """Return a strategy for every value that a type hint allows, defaults or not."""
    arguments = typing.get_args(hint)
    origin = typing.get_origin(hint)
    if isinstance(hint, NewType):
        return values_of(hint.__supertype__)
    if origin in {typing.Union, types.UnionType}:
        return st.one_of(*[values_of(argument) for argument in arguments])
    if origin is tuple:
        return st.lists(values_of(arguments[0]), max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(*[values_of(argument) for argument in arguments], max_size=3)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return st.builds(hint, **{name: values_of(each) for name, each in hints.items()})
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    return _PLAIN[hint]


_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text('az09 äÖß€中\U0001f525"\\/\n\t\0\x7f\u2028', max_size=20),
    int: st.integers(-(2**63), 2**63 - 1),
    bool: st.booleans(),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    UUID: st.uuids(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    date: st.dates(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    list[str]: st.lists(st.text("az", max_size=3), max_size=3),
    Kept: st.just(KEPT),
    type(None): st.none(),
}


def payload_names(event_class: type[Event]) -> set[str]:
    """Return the fields of a class that are stored in its payload."""
    return {field.name for field in dataclasses.fields(event_class)} - ENVELOPE


def events_of(event_class: type[Event]) -> st.SearchStrategy[Event]:
    """Return a strategy for events of a class, with any values."""
    hints = typing.get_type_hints(event_class)
    values = {name: values_of(hints[name]) for name in payload_names(event_class)}
    values["originator_id"] = st.uuids()
    values["originator_version"] = st.integers(1, 2**31)
    if issubclass(event_class, Created):
        values["originator_topic"] = st.just(event_class.TOPIC.partition(".")[0])
    return st.builds(event_class, **values)


# Round trips


@pytest.mark.parametrize("event_class", event_classes(), ids=lambda kind: kind.TOPIC)
def test_every_event_comes_back_as_it_went(event_class: type[Event]) -> None:
    # A lonely timestamp has little to show; most events have no more.
    examples = min(20, 5 * len(payload_names(event_class)))

    @settings(max_examples=examples, derandomize=True, database=None, deadline=None)
    @for_all(events_of(event_class))
    def comes_back(event: Event) -> None:
        back = decode(stored(event))

        assert back == event
        assert vars(back) == vars(event)
        assert mapper.payload_of(back) == mapper.payload_of(event)

    comes_back()


@pytest.mark.parametrize("fact", EXAMPLES, ids=lambda fact: fact.event_class.TOPIC)
def test_a_field_comes_back_in_its_own_type(fact: Fact) -> None:
    event = fact.event()

    back = decode(stored(event))

    assert [type(value) for value in vars(back).values()] == [
        type(vars(event)[name]) for name in vars(back)
    ]


def test_values_come_back_wherever_they_stand() -> None:
    back = decode(stored(paid()))

    assert vars(back) == vars(paid())
    assert encode(back).state == encode(paid()).state


def test_the_log_is_readable_json() -> None:
    new = encode(categorized(category="Zürich brennt").event(version=7))

    assert new.state == f'{{"timestamp":"{TIME}","category":"Zürich brennt"}}'.encode()
    assert (new.stream_id, new.version, new.topic) == (TICKET, 7, "ticket.categorized")
    assert new.class_version == 1


@pytest.mark.parametrize("fact", EXAMPLES, ids=lambda fact: fact.event_class.TOPIC)
def test_what_the_log_keeps_in_columns_is_not_in_the_payload(fact: Fact) -> None:
    assert payload_of(fact).keys() & ENVELOPE == set()


def test_every_encoding_has_an_event_id_of_its_own() -> None:
    event = started.event()

    assert encode(event).event_id != encode(event).event_id


def test_a_first_event_knows_its_aggregate_again() -> None:
    event = decode(stored(opened.event()))

    assert vars(event)["originator_topic"] == "ticket"
    assert event == opened


def test_a_decoded_event_can_not_be_changed() -> None:
    event = decode(stored(retitled.event()))

    with pytest.raises(dataclasses.FrozenInstanceError):
        event.title = "Forged"  # type: ignore[attr-defined]


# Payloads that do not fit


def _mentions(error: PayloadInvalid, topic: str) -> bool:
    return f"'{topic}' v1" in str(error) and f"Event 1 of stream {TICKET}" in str(error)


@pytest.mark.parametrize("fact", EXAMPLES, ids=lambda fact: fact.event_class.TOPIC)
def test_a_missing_field_is_refused(fact: Fact) -> None:
    topic = fact.event_class.TOPIC
    whole = payload_of(fact)
    required = {
        field.name
        for field in dataclasses.fields(fact.event_class)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }

    assert required & whole.keys()
    for name in required & whole.keys():
        with pytest.raises(PayloadInvalid, match=name) as refusal:
            decode(written(topic, {key: whole[key] for key in whole.keys() - {name}}))

        assert _mentions(refusal.value, topic)


@pytest.mark.parametrize("fact", EXAMPLES, ids=lambda fact: fact.event_class.TOPIC)
def test_a_foreign_field_is_refused(fact: Fact) -> None:
    topic = fact.event_class.TOPIC

    for name in ("mood", *sorted(ENVELOPE)):
        with pytest.raises(PayloadInvalid, match=name) as refusal:
            decode(written(topic, payload_of(fact) | {name: "glum"}))
        assert _mentions(refusal.value, topic)


@pytest.mark.parametrize("fact", EXAMPLES, ids=lambda fact: fact.event_class.TOPIC)
def test_a_value_of_the_wrong_type_is_refused(fact: Fact) -> None:
    topic = fact.event_class.TOPIC
    whole = payload_of(fact)

    for name in whole:
        with pytest.raises(PayloadInvalid, match=name) as refusal:
            decode(written(topic, whole | {name: 1.5}))

        assert _mentions(refusal.value, topic)


@pytest.mark.parametrize(
    ("topic", "change"),
    [
        ("ticket.opened", {"ticket_number": "4711"}),
        ("ticket.opened", {"ticket_number": None}),
        ("ticket.opened", {"source": "pigeon"}),
        ("ticket.opened", {"source": "EMAIL"}),
        ("ticket.opened", {"customer_id": "acme"}),
        ("ticket.opened", {"overridden": 0}),
        ("ticket.opened", {"tags": "printer"}),
        ("ticket.opened", {"tags": ["printer", None]}),
        ("ticket.opened", {"requester": None}),
        ("ticket.opened", {"external": {"system": "servicenow"}}),
        ("ticket.opened", {"timestamp": "yesterday"}),
        ("ticket.opened", {"timestamp": 1767603600}),
    ],
)
def test_a_value_is_not_bent_until_it_fits(topic: str, change: Payload) -> None:
    with pytest.raises(PayloadInvalid):
        decode(written(topic, payload_of(opened) | change))


@pytest.mark.parametrize(
    "state", [b"", b"{", b"[" * 100_000, b"null", b"[]", b"7", b'"x"', b"{}{}"]
)
def test_what_is_no_object_is_refused(state: bytes) -> None:
    with pytest.raises(PayloadInvalid, match=r"ticket\.started"):
        decode(row("ticket.started", state))


def test_what_is_no_utf8_is_refused() -> None:
    with pytest.raises(PayloadInvalid, match=r"ticket\.retitled"):
        decode(row("ticket.retitled", f'{{"timestamp":"{TIME}","title":"\xff"}}'.encode("latin-1")))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(PayloadInvalid, match="timestamp"):
        decode(written("ticket.started", {"timestamp": "2026-01-05T09:00:00"}))


def test_a_foreign_field_of_a_nested_value_is_refused() -> None:
    address = payload_of(customer_moved)["address"] | {"planet": "Mars"}

    with pytest.raises(PayloadInvalid, match="planet"):
        decode(written("customer.moved", {"timestamp": TIME, "address": address}))


@pytest.mark.parametrize("name", ["street", "postal_code", "city", "country"])
def test_a_missing_field_of_a_nested_value_is_refused(name: str) -> None:
    address = payload_of(customer_moved)["address"]
    del address[name]

    with pytest.raises(PayloadInvalid, match=name):
        decode(written("customer.moved", {"timestamp": TIME, "address": address}))


WHOLE = {"street": "", "postal_code": "", "city": "", "country": "DE"}
NAIVE = TIME.removesuffix("Z")


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ({"paid_at": TIME}, "address"),
        ({"paid_at": TIME, "address": WHOLE, "mood": "glum"}, "mood"),
        ({"paid_at": TIME, "address": WHOLE | {"planet": "Mars"}}, "planet"),
        ({"paid_at": TIME, "address": {"city": "Wien"}}, "street"),
        ({"paid_at": NAIVE, "address": WHOLE}, "paid_at"),
    ],
)
@pytest.mark.parametrize("place", ["parts", "by_name", "rest"])
def test_a_value_is_checked_wherever_it_stands(place: str, part: Payload, wrong: str) -> None:
    payload = msgspec.json.decode(encode(paid()).state)
    payload[place] = {"parts": [part], "by_name": {"x": part}, "rest": part}[place]

    with pytest.raises(PayloadInvalid, match=wrong):
        decode(written("mapper_invoice.paid", payload))


def test_a_time_under_another_name_has_a_zone_too() -> None:
    payload = msgspec.json.decode(encode(paid()).state) | {"due": NAIVE}

    with pytest.raises(PayloadInvalid, match="due"):
        decode(written("mapper_invoice.paid", payload))


# Topics


@pytest.mark.parametrize("topic", ["ticket.exploded", "nobody.knows", "ticket", "eventsourcing"])
def test_an_unknown_topic_is_refused_by_name(topic: str) -> None:
    with pytest.raises(PayloadInvalid, match=f"an event '{topic}' that this program"):
        decode(row(topic, b"{}"))


@pytest.mark.parametrize("topic", ["", ".opened"])
def test_a_malformed_topic_is_refused(topic: str) -> None:
    with pytest.raises(PayloadInvalid):
        decode(row(topic, b"{}"))


@pytest.mark.parametrize("topic", ["domain.desk.tickets:Ticket.Started", "domain.base:Event"])
def test_a_python_path_is_no_topic(topic: str) -> None:
    with pytest.raises(PayloadInvalid):
        decode(written(topic, {"timestamp": TIME}))


def test_a_topic_imports_nothing() -> None:
    with pytest.raises(PayloadInvalid):
        decode(row("this", b"{}"))

    assert "this" not in sys.modules


def test_an_event_outside_of_the_catalogue_is_unknown() -> None:
    class Stranger(AggregateRoot):
        TOPIC = "mapper_stranger"

        class Came(Created):
            TOPIC = "mapper_stranger.came"

    with pytest.raises(PayloadInvalid, match=r"an event 'mapper_stranger\.came'"):
        decode(written(Stranger.Came.TOPIC, {"timestamp": TIME}))


# Versions


def test_a_payload_of_today_is_not_upcast() -> None:
    payload = {"timestamp": TIME, "reason": "typo", "final": True}

    event = decode(written("mapper_invoice.cancelled", payload, class_version=3))

    assert (vars(event)["reason"], vars(event)["final"]) == ("typo", True)


def test_a_payload_of_the_version_before_is_upcast() -> None:
    payload = {"timestamp": TIME, "reason": "typo"}

    event = decode(written("mapper_invoice.cancelled", payload, class_version=2))

    assert (vars(event)["reason"], vars(event)["final"]) == ("typo", False)


def test_an_older_payload_is_upcast_step_by_step() -> None:
    payload = {"timestamp": TIME, "why": "paid twice"}

    event = decode(written("mapper_invoice.cancelled", payload, class_version=1))

    assert event == Invoice.Cancelled(  # type: ignore[call-arg]
        originator_id=TICKET,
        originator_version=1,
        timestamp=T0,
        reason="paid twice",
        final=True,
    )


def test_an_upcast_event_is_written_in_todays_shape() -> None:
    payload = {"timestamp": TIME, "why": "typo"}

    new = encode(decode(written("mapper_invoice.cancelled", payload, class_version=1)))

    assert new.class_version == 3
    assert msgspec.json.decode(new.state) == {
        "timestamp": TIME,
        "reason": "typo",
        "final": False,
    }


def test_an_upcast_payload_is_checked_like_any_other() -> None:
    payload = {"timestamp": TIME, "why": "typo", "mood": "glum"}

    with pytest.raises(PayloadInvalid, match=r"mapper_invoice\.cancelled' v1.*mood"):
        decode(written("mapper_invoice.cancelled", payload, class_version=1))


def test_a_payload_that_is_not_of_its_version_is_refused() -> None:
    payload = {"timestamp": TIME, "reason": "typo", "final": True}

    with pytest.raises(PayloadInvalid, match=r"mapper_invoice\.cancelled' v1"):
        decode(written("mapper_invoice.cancelled", payload, class_version=1))


def test_a_version_that_never_was_is_refused() -> None:
    with pytest.raises(PayloadInvalid, match="upcast_v0_v1"):
        decode(written("ticket.started", {"timestamp": TIME}, class_version=0))


def test_a_version_from_the_future_is_refused() -> None:
    with pytest.raises(PayloadInvalid, match=r"ticket\.started' v2.*no later version than v1"):
        decode(written("ticket.started", {"timestamp": TIME}, class_version=2))


@pytest.mark.parametrize("copies", ["many", None])
def test_a_payload_that_can_not_be_upcast_is_refused(copies: str | None) -> None:
    payload = {"timestamp": TIME, "copies": copies}

    with pytest.raises(PayloadInvalid, match=r"mapper_invoice\.sent"):
        decode(written("mapper_invoice.sent", payload, class_version=1))


@pytest.mark.parametrize(
    "state", [b"", b"7", b"[]", b'{"timestamp":"%s"}' % TIME.encode(), b'{"copies":"\xff"}']
)
def test_what_is_no_older_payload_at_all_is_refused(state: bytes) -> None:
    with pytest.raises(PayloadInvalid, match=r"mapper_invoice\.sent' v1"):
        decode(row("mapper_invoice.sent", state))


def test_an_optional_field_may_be_missing() -> None:
    event = decode(written("mapper_invoice.noted", {"timestamp": TIME, "text": "Paid"}))

    assert vars(event)["author"] is None
    assert b'"author":null' in encode(event).state


# Rebuilding


def test_an_aggregate_is_rebuilt_from_its_history() -> None:
    facts = (opened, started, put_on_hold, resolved, reopened)
    history = [stored(fact.event(version)) for version, fact in enumerate(facts, start=1)]

    assert rebuild(Ticket, history) == given(Ticket, *facts)


def test_without_history_there_is_nothing_to_rebuild() -> None:
    assert rebuild(Ticket, []) is None


def test_the_history_of_another_kind_is_not_found() -> None:
    assert rebuild(Ticket, [stored(customer_registered.event())]) is None


def test_a_rebuilt_aggregate_goes_on_where_the_history_ends() -> None:
    ticket = rebuild(Ticket, [stored(opened.event()), stored(started.event(2))])
    assert ticket is not None

    ticket.change(Ticket.Retitled, T1, title="New")

    assert [event.originator_version for event in ticket.pending_events] == [3]


# The library's side


@pytest.mark.parametrize("fact", EXAMPLES, ids=lambda fact: fact.event_class.TOPIC)
def test_the_library_gets_back_what_it_stored(fact: Fact) -> None:
    mapper = library_mapper()

    back = mapper.to_domain_event(mapper.to_stored_event(fact.event(version=3)))

    assert back == fact.event(version=3)


@pytest.mark.parametrize("fact", EXAMPLES, ids=lambda fact: fact.event_class.TOPIC)
def test_the_library_gets_back_what_it_compressed_and_encrypted(fact: Fact) -> None:
    cipher = AESCipher(Environment(env={"CIPHER_KEY": b64encode(b"k" * 32).decode()}))
    mapper = library_mapper(compressor=zlib, cipher=cipher)

    row_of_library = mapper.to_stored_event(fact.event())

    assert b"timestamp" not in row_of_library.state
    assert mapper.to_domain_event(row_of_library) == fact.event()


def test_a_state_is_compressed_before_it_is_encrypted() -> None:
    mapper = library_mapper(compressor=Halves(b"compressed:"), cipher=Halves(b"encrypted:"))

    row_of_library = mapper.to_stored_event(started.event())

    assert row_of_library.state.startswith(b"encrypted:compressed:{")
    assert mapper.to_domain_event(row_of_library) == started.event()


def test_a_row_of_the_library_says_where_it_belongs() -> None:
    found = library_mapper().to_stored_event(opened.event())

    assert (found.originator_id, found.originator_version) == (TICKET, 1)
    assert found.topic == "ticket.opened"


def test_the_library_restores_the_kind_of_aggregate() -> None:
    mapper = library_mapper()

    back = mapper.to_domain_event(mapper.to_stored_event(customer_registered.event()))

    assert vars(back)["originator_topic"] == "customer"
    assert isinstance(back, Customer.Registered)
    assert back.originator_id == CUSTOMER


def test_the_library_does_not_get_a_payload_that_does_not_fit() -> None:
    foreign = StoredEvent(TICKET, 1, "ticket.started", b'{"mood":"glum"}')

    with pytest.raises(PayloadInvalid, match=r"Event 1 of stream .* \('ticket\.started' v1\)"):
        library_mapper().to_domain_event(foreign)


def test_the_library_does_not_get_a_state_that_can_not_be_unpacked() -> None:
    broken = StoredEvent(TICKET, 1, "ticket.started", b"not compressed")

    with pytest.raises(PayloadInvalid, match=r"Event 1 of stream .* \('ticket\.started' v1\)"):
        library_mapper(compressor=zlib).to_domain_event(broken)


def test_the_library_gets_back_a_later_version_of_a_class() -> None:
    mapper = library_mapper()
    event = decode(written("mapper_invoice.cancelled", {"timestamp": TIME, "why": "typo"}))

    back = mapper.to_domain_event(mapper.to_stored_event(event))

    assert back == event


def test_a_row_of_the_library_says_which_version_its_class_had() -> None:
    mapper = library_mapper()
    older = VersionedEvent(
        TICKET, 1, "mapper_invoice.cancelled", b'{"timestamp":"%s","why":"typo"}' % TIME.encode()
    )

    newer = mapper.to_stored_event(cast("Event", mapper.to_domain_event(older)))

    assert (older.class_version, getattr(newer, "class_version", None)) == (1, 3)
