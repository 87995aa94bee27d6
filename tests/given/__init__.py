"""Facts that tests begin with: `given(Ticket, opened, assigned(group_id=NIGHT_SHIFT))`.

Every fact has fixed values; calling it changes some of them. A fact equals the event that tells
the same, wherever it stands in its stream: `assert recorded(ticket) == [retitled(title="New")]`.
"""

from tests.given.contacts import *  # noqa: F403 - tests take facts from here
from tests.given.custom_fields import *  # noqa: F403
from tests.given.customers import *  # noqa: F403
from tests.given.desk import *  # noqa: F403
from tests.given.erasures import *  # noqa: F403
from tests.given.facts import ExampleMissing, Fact, given, recorded
from tests.given.ids import *  # noqa: F403
from tests.given.interactions import *  # noqa: F403
from tests.given.locations import *  # noqa: F403
from tests.given.people import *  # noqa: F403
from tests.given.reservations import *  # noqa: F403

EXAMPLES: tuple[Fact, ...] = tuple(fact for fact in globals().values() if isinstance(fact, Fact))
"""One fact of every event class."""

__all__ = ["EXAMPLES", "ExampleMissing", "Fact", "given", "recorded"]
