"""What an event changed is told from the record's own attributes, whatever they are."""

from uuid import UUID

import pytest

from domain.base import AggregateRoot, Event
from domain.catalogue import AGGREGATES
from eventstore.export.changes import Change, Naming, changes, fields_of, naming_of
from eventstore.export.records import Records, Told
from infra.auditing.events import NO_MASTER_DATA, master_data
from tests.eventstore.export.given import Device, MemoryLog, Place, bought, stored, then
from tests.readapi.every import life_of

MASTER_DATA = [kind for kind in AGGREGATES if kind not in NO_MASTER_DATA]


def follow(*events: Event, kinds: tuple[str, ...] = ("export_device",)) -> list[Told]:
    """What each event means, of records of which all is known."""
    records = Records(MemoryLog([]), kinds)
    return [records.follow(stored(event), event) for event in events]


def test_a_new_record_tells_every_field_that_has_a_value() -> None:
    (told,) = follow(bought(place=Place("Hall", 2), ports=(1, 2)))

    assert set(told.changes) == {
        Change("export_device_number", "", "7"),
        Change("name", "", "Switch"),
        Change("place.room", "", "Hall"),
        Change("place.floor", "", "2"),
        Change("ports", "", "[1,2]"),
        Change("broken", "", "false"),
    }
    assert told.naming == Naming("7", "Switch")


def test_a_change_tells_what_differs_before_and_after() -> None:
    owner = UUID(int=5)
    _, changed, broke = follow(
        bought(place=Place("Hall", 2)),
        then(Device.Changed, 2, name="Core switch", place=Place("Hall"), owner=owner),
        then(Device.Broke, 3),
    )

    assert set(changed.changes) == {
        Change("name", "Switch", "Core switch"),
        Change("place.floor", "2", ""),
        Change("owner", "", str(owner)),
    }
    assert changed.naming == Naming("7", "Core switch")
    assert broke.changes == (Change("broken", "false", "true"),)


def test_fields_that_are_by_name_come_and_go() -> None:
    before = {"custom.sector": "retail", "name": "Acme"}

    told = list(changes(before, {"custom.size": "12", "name": "Acme"}))

    assert told == [Change("custom.size", "", "12"), Change("custom.sector", "retail", "")]


def test_a_record_whose_history_is_not_asked_for_has_a_name_all_the_same() -> None:
    told = follow(bought(), then(Device.Changed, 2, name="Core switch"), kinds=())

    assert told == [Told(Naming("7", "Switch")), Told(Naming("7", "Core switch"))]


def test_a_new_kind_of_record_is_master_data_by_itself() -> None:
    assert master_data((*AGGREGATES, Device)) == [*master_data(), "export_device"]


@pytest.mark.parametrize("kind", AGGREGATES, ids=lambda kind: kind.TOPIC)
def test_every_kind_of_record_has_a_name(kind: type[AggregateRoot]) -> None:
    records = Records(MemoryLog([]), ())
    first = life_of(kind.TOPIC)[0]

    told = records.follow(stored(first), first)

    assert told.naming.name


@pytest.mark.parametrize("kind", MASTER_DATA, ids=lambda kind: kind.TOPIC)
def test_the_history_ends_where_the_record_is(kind: type[AggregateRoot]) -> None:
    events = life_of(kind.TOPIC)

    history: dict[str, str] = {}
    for told in follow(*events, kinds=(kind.TOPIC,)):
        for change in told.changes:
            assert history.get(change.field, "") == change.before
            history[change.field] = change.after

    record = None
    for event in life_of(kind.TOPIC):
        record = event.mutate(record)
    assert record is not None
    assert {name: text for name, text in history.items() if text} == {
        name: text for name, text in fields_of(record).items() if text
    }
    assert {name.partition(".")[0] for name in history} <= set(vars(record))
    assert naming_of(record).name in history.values()
