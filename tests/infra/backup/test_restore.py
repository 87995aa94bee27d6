"""The whole drill on real servers: backed up, killed, restored to a second, and healed."""

import pytest

from tests.prove.restore import run

pytestmark = pytest.mark.servers


def test_after_everything_was_killed_a_restore_gives_back_the_chosen_second() -> None:
    seen = run(500)

    assert seen["lost_events"] == 250
    (lost,) = seen["lost"]
    assert "lost by the restore of epoch 2" in lost
    assert "(250 events)" in lost
