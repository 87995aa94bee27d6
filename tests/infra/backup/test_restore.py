"""The whole drill on real servers: backed up, killed, restored to a second, and healed."""

import pytest

from tests.prove.restore import run

pytestmark = pytest.mark.servers


def test_after_everything_was_killed_a_restore_gives_back_the_chosen_second() -> None:
    seen = run(500)

    assert 200 <= seen["lost_events"] <= 300
    assert len(seen["lost"]) == 1
    assert "lost by the restore of epoch 2" in seen["lost"][0]
