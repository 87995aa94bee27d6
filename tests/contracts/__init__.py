"""What every driver behind a port promises; run against the fakes and the real ones."""

import pytest

pytest.register_assert_rewrite(
    "tests.contracts.search_answers",
    "tests.contracts.search_words",
)
