"""Rules that the domain does not keep yet: the test states the rule, the mark the defect."""

import pytest


def wrong_today(reason: str) -> pytest.MarkDecorator:
    """Expect the test to fail; once the defect is repaired the mark fails and has to go."""
    return pytest.mark.xfail(strict=True, reason=reason)
