"""Positions carry the epoch in which they were given, and old ones are true as far as they go."""

import pytest

from eventstore.epochs import Epochs, PositionOutdated

Known = tuple[tuple[int, int], ...]

NEVER_RESTORED: Known = ()
RESTORED: Known = ((2, 100),)
RESTORED_TWICE: Known = ((2, 100), (4, 50))


@pytest.mark.parametrize(
    ("known", "position", "written"),
    [
        (NEVER_RESTORED, 4711, "4711"),
        (RESTORED, 99, "99"),
        (RESTORED, 100, "2-100"),
        (RESTORED_TWICE, 49, "49"),
        (RESTORED_TWICE, 50, "4-50"),
        (RESTORED_TWICE, 4711, "4-4711"),
    ],
    ids=str,
)
def test_a_position_is_written_with_the_epoch_in_which_it_was_given(
    known: Known, position: int, written: str
) -> None:
    epochs = Epochs(known)

    assert epochs.write(position) == written
    assert epochs.read(written) == position


@pytest.mark.parametrize(
    ("known", "sent", "position"),
    [
        (NEVER_RESTORED, "4711", 4711),
        (RESTORED, "99", 99),
        (RESTORED, "2-4711", 4711),
        (RESTORED_TWICE, "2-49", 49),
        (RESTORED_TWICE, "3-49", 49),
    ],
    ids=str,
)
def test_what_lies_before_everything_that_was_given_anew_is_still_true(
    known: Known, sent: str, position: int
) -> None:
    assert Epochs(known).read(sent) == position


@pytest.mark.parametrize(
    ("known", "sent", "first"),
    [
        (RESTORED, "100", 100),
        (RESTORED, "1-4711", 100),
        (RESTORED_TWICE, "50", 50),
        (RESTORED_TWICE, "120", 50),
        (RESTORED_TWICE, "2-100", 50),
        (RESTORED_TWICE, "3-50", 50),
    ],
    ids=str,
)
def test_a_position_that_was_given_again_is_refused(known: Known, sent: str, first: int) -> None:
    with pytest.raises(PositionOutdated, match=f"{sent} is of before a restore: from {first} on"):
        Epochs(known).read(sent)


@pytest.mark.parametrize("sent", ["", "-", "-1", "2-", "0-5", "2-3-4", "4.5", "x", "٣"], ids=ascii)
def test_what_is_no_position_is_an_error(sent: str) -> None:
    with pytest.raises(ValueError, match="is no position"):
        Epochs(RESTORED).read(sent)
