"""Carrying out an erasure: the one place that says in which order what is destroyed.

Whatever ends halfway is begun again from the front: each step leaves alone what it finds done.

1. nothing new is encrypted for the person;
2. who may still write has finished: the keys are destroyed;
3. answers that were stored to be repeated are forgotten;
4. the views that can hold personal data are folded anew from the log, which can not tell any more,
   and the search index after them; the old tables are gone with their files;
5. what Postgres keeps besides is written anew: statistics, old rows, the write-ahead log;
6. who had read a key has forgotten it: the log notes that the erasure is carried out.
"""

from collections.abc import Callable
from typing import Final

Tell = Callable[[str], None]
"""Takes what is done next, in a sentence."""

LOCK: Final = 20256
FORGET: Final = (
    "select es.forget_answers(interval '0')",
    "vacuum (full) es.answers",
    # What the planner knows of a column are its most frequent values.
    "vacuum (full) pg_catalog.pg_statistic",
    "checkpoint",
    "select pg_switch_wal()",
    "checkpoint",
)
