import json
import subprocess
import sys

import pytest

from tests.prove.platform import ROOT


@pytest.mark.servers
def test_a_log_that_the_old_code_wrote_is_read_to_the_same_end() -> None:
    short = ["--tickets", "60", "--answers", "100", "--without-real-data"]

    proof = subprocess.run(
        [sys.executable, "-m", "tests.prove.oldlog", *short],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert proof.returncode == 0, proof.stdout + proof.stderr
    *tables, answers, total = map(json.loads, proof.stdout.splitlines())
    assert len(tables) == 6
    assert all(table["rows"] for table in tables)
    assert (answers["as_of"], total["different"]) == (100, 0)
