"""A record that is loaded from its state is the record that was dumped, or there is no state."""

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from domain.base import AggregateRoot
from domain.catalogue import AGGREGATES
from domain.customers.customers import Customer
from domain.desk.tickets import Ticket
from domain.personal import REDACTED
from domain.values import Requester
from eventstore.snapshots.states import StateInvalid, dump, load
from tests.eventstore.lives import lives
from tests.given import T1, customer_registered, given, opened

kinds = pytest.mark.parametrize("kind", AGGREGATES, ids=lambda kind: kind.TOPIC)


def spelled(value: Any) -> Any:
    """Return a value with the types of all that it holds, to be compared."""
    name = type(value).__qualname__
    if isinstance(value, dict):
        return name, {key: spelled(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return name, [spelled(item) for item in value]
    if is_dataclass(value):
        return name, {one.name: spelled(getattr(value, one.name)) for one in fields(value)}
    return name, value


def again(record: AggregateRoot) -> AggregateRoot:
    state = dump(record)
    assert state is not None
    return load(state)


@kinds
def test_a_loaded_record_is_the_one_that_was_dumped(kind: type[AggregateRoot]) -> None:
    for record in lives(kind):
        loaded = again(record)

        assert loaded == record
        assert spelled(vars(loaded)) == spelled(vars(record))
        assert (loaded.version, loaded.modified_on) == (record.version, record.modified_on)


@kinds
def test_a_loaded_record_is_nobody_elses(kind: type[AggregateRoot]) -> None:
    for record in lives(kind):
        loaded = again(record)

        shared = [
            name
            for name, value in vars(loaded).items()
            if isinstance(value, dict | list) and value is vars(record)[name]
        ]
        assert shared == []


def test_an_instant_keeps_the_offset_that_it_was_told_with() -> None:
    ticket = given(Ticket, opened(timestamp=datetime.fromisoformat("2026-01-05T10:00:00+02:00")))

    loaded = again(ticket)

    assert loaded.modified_on.isoformat() == "2026-01-05T10:00:00+02:00"


def test_a_record_with_events_that_are_not_in_the_log_has_no_state() -> None:
    ticket = given(Ticket, opened)
    ticket.change(Ticket.Retitled, T1, title="Never appended")

    assert dump(ticket) is None


@pytest.mark.parametrize(
    "erased",
    [
        {"title": REDACTED},
        {"requester": Requester(name=REDACTED)},
        {"tags": ("vip", REDACTED)},
        {"external_attributes": {"symptom": REDACTED}},
    ],
    ids=["text", "value", "list", "dict"],
)
def test_a_record_of_which_something_is_erased_has_no_state(erased: dict[str, Any]) -> None:
    ticket = given(Ticket, opened)
    vars(ticket).update(erased)

    assert dump(ticket) is None


@pytest.mark.parametrize(
    "strange",
    [
        {"title": object()},
        {"title": 7},
        {"tags": ["a", "list"]},
        {"ticket_number": True},
        {"resolved_at": datetime(2026, 1, 5)},  # noqa: DTZ001 - that is what is strange
        {"unknown": "attribute"},
        {"_id": "no id"},
    ],
    ids=["object", "number", "list", "truth", "naive", "unknown", "id"],
)
def test_what_would_not_be_the_same_has_no_state(strange: dict[str, Any]) -> None:
    ticket = given(Ticket, opened)
    vars(ticket).update(strange)

    assert dump(ticket) is None


def test_a_record_without_one_of_its_attributes_has_no_state() -> None:
    customer = given(Customer, customer_registered)
    del customer.custom

    assert dump(customer) is None


def _state(**changes: Any) -> bytes:
    state = dump(given(Ticket, opened))
    assert state is not None
    stored = msgspec.json.decode(state)
    stored["record"] |= changes
    return msgspec.json.encode(stored)


@pytest.mark.parametrize(
    "state",
    [
        b"",
        b"\x80\x04cos\nsystem\n",
        b"{}",
        b'{"kind":"ticket","record":{}}',
        b'{"kind":"builtins.eval","record":{}}',
        _state().replace(b'"kind":"ticket"', b'"kind":"customer"'),
        _state(unknown="attribute"),
        _state(title=None),
        _state(_version="1"),
        _state(status="unheard of"),
        _state(_modified_on="2026-01-05T10:00:00"),
    ],
    ids=[
        "nothing",
        "pickle",
        "empty",
        "no-attributes",
        "no-kind",
        "other-kind",
        "unknown",
        "null",
        "text",
        "status",
        "naive",
    ],
)
def test_what_is_no_state_of_a_record_is_not_loaded(state: bytes) -> None:
    with pytest.raises(StateInvalid):
        load(state)


def test_a_loaded_record_goes_on_as_any_other() -> None:
    ticket, loaded = given(Ticket, opened), load(_state())
    assert isinstance(loaded, Ticket)

    for each in (ticket, loaded):
        each.change(Ticket.Retitled, T1, title="Printer gone")

    assert loaded == ticket
    assert loaded.id == ticket.id
    assert isinstance(loaded.id, UUID)
    assert loaded.created_on.tzinfo is UTC
