"""Whether a record was folded from its history or loaded from a snapshot, it decides alike."""

from uuid import UUID

import pytest

from commands.dispatch import Dispatcher
from commands.table import TABLE
from domain.errors import Refused
from eventstore.baselines import Afresh, Found
from eventstore.snapshots.states import dump, load
from tests.commands.office import Office, command_id
from tests.commands.samples import SAMPLES, Sample


class Loaded:
    """Finds each record as it comes out of a snapshot."""

    def __init__(self, office: Office) -> None:
        self._afresh = Afresh(office.log)
        self.count = 0

    async def find(self, id: UUID) -> Found | None:
        found = await self._afresh.find(id)
        if found is None:
            return None
        state = dump(found.record)
        assert state is not None
        self.count += 1
        return Found(load(state), found.position)


async def _outcome(office: Office, sample: Sample, turn: str) -> object:
    try:
        return await office.ask(sample.command, id=command_id(turn))
    except Refused as refusal:
        return type(refusal), str(refusal)


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
async def test_a_command_and_the_next_like_it_decide_on_snapshots_as_on_histories(
    sample: Sample,
) -> None:
    plain, other = Office(*sample.given), Office(*sample.given)
    loaded = Loaded(other)
    other.dispatcher = Dispatcher(TABLE, other.log, other.log, lambda: other.now, loaded)

    outcomes = [
        [await _outcome(office, sample, turn) for turn in ("first", "second")]
        for office in (plain, other)
    ]

    assert outcomes[0] == outcomes[1]
    assert plain.told() == other.told()
    assert sample.creates or loaded.count
