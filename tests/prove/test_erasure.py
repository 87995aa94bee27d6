import json
import subprocess
import sys

import pytest

from tests.prove.platform import ROOT


@pytest.mark.servers
def test_no_byte_is_left_of_who_was_erased() -> None:
    short = ["--people", "3", "--tickets", "60", "--without-real-data"]

    proof = subprocess.run(
        [sys.executable, "-m", "tests.prove.erasure", *short],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert proof.returncode == 0, proof.stdout + proof.stderr
    told = json.loads(proof.stdout)
    assert (told["people"], told["texts_found"], told["wrong_answers"]) == (3, 0, 0)
    assert told["texts_found_before"] > 0
