"""A rebuild that stands still at some instant, to be killed there.

Run as `python -m tests.projections.running.rebuild_until VIEW INSTANT`, with the address of the
database in DATABASE. It writes a line when it has come there.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from typing import Any

from projections import checkpoints
from projections.running import swap
from projections.running.growth import Growth
from projections.running.rebuild import rebuild
from projections.table import VIEWS

INSTANTS: dict[str, tuple[object, str]] = {
    "the new tables are made": (Growth, "begin"),
    "the log is folded": (Growth, "fold_upto"),
    "the indexes are made": (Growth, "index"),
    "the checkpoint is locked": (checkpoints, "lock"),
    "queries are locked out": (swap, "_lock_queries_out"),
    "the tables are replaced": (swap, "_replace"),
    "the checkpoint is moved": (checkpoints, "replace"),
}


def stand_still_after(owner: object, name: str) -> None:
    done: Callable[..., Any] = getattr(owner, name)

    async def stand_still(*args: Any) -> None:
        await done(*args)
        print("reached", flush=True)
        await asyncio.Event().wait()

    setattr(owner, name, stand_still)


if __name__ == "__main__":
    view_name, instant = sys.argv[1:]
    stand_still_after(*INSTANTS[instant])
    (chosen,) = (view for view in VIEWS if view.name == view_name)
    asyncio.run(rebuild(chosen, os.environ["DATABASE"]))
