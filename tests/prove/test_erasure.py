"""People are erased from a running platform: short form of `just prove erasure`."""

import pytest

from tests.prove.platform import printed


@pytest.mark.servers
def test_no_byte_is_left_of_who_was_erased() -> None:
    (told,) = printed("erasure", "--people", "3", "--tickets", "60", "--without-real-data")

    assert (told["people"], told["texts_found"], told["wrong_answers"]) == (3, 0, 0)
    assert told["texts_found_before"] > 0
