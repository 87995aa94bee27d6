"""Long records as they were folded, kept so that they are folded faster the next time (ADR 13).

A snapshot is a way to read faster, never a reason to believe: it counts only if the log shows its
last event, by its id, and only for the very code that took it. All of them may be thrown away at
any time.

They hold what tells of people in plain text, as views do: who erases a person, or brings a log back
from a backup, drops them (`table.DROP`), an erasure after the last process has forgotten its keys.
A record of which something is erased has none.
"""
