import pytest

from tests.prove.platform import printed


@pytest.mark.servers
def test_a_log_that_the_old_code_wrote_is_read_to_the_same_end() -> None:
    short = ["--tickets", "60", "--answers", "100", "--without-real-data"]

    *tables, answers, total = printed("oldlog", *short)

    assert len(tables) == 6
    assert all(table["rows"] for table in tables)
    assert (answers["as_of"], total["different"]) == (100, 0)
