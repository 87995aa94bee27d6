"""Records as they were, asked through the API of the old code and of the new one."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
import msgspec
import psycopg

from tests.prove.renamed import AS_IT_WAS, TABLES

KINDS: Final = {"user": "users", "group": "groups", "customer": "customers", "ticket": "tickets"}
"""The name of a kind in topics, and in paths; the last one makes up the number."""
EVENTS: Final = """
    select stream_id, position, convert_from(state, 'UTF8')::jsonb ->> 'timestamp'
      from es.events
     where split_part(topic, '.', 1) = %s
     order by position
"""
FORMS: Final = 4
"""Of asking about one event."""
MASTERS: Final = 8
"""One in so many questions is about users, one about groups, and one about customers."""
NAMED: Final = 5
"""How many differences are named."""


class Answer(msgspec.Struct, frozen=True):
    """What was asked, and what the API said."""

    kind: str
    path: str
    moment: dict[str, str]
    status: int
    document: dict[str, Any]


def questions(
    connection: psycopg.Connection, count: int
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield what to ask for: kind, path and moment, the same ones for the same log.

    The moments are events, evenly spread over the log: at the time of an event, just before it,
    at its position, and at both.
    """
    left = count
    for topic, kind in KINDS.items():
        events = connection.execute(EVENTS, [topic]).fetchall()
        share = left if topic == "ticket" else min(count // MASTERS, FORMS * len(events))
        left -= share
        for n in range(min(share, FORMS * len(events))):
            stream, position, at = events[n * len(events) // share]
            yield kind, f"/{kind}/{stream}", _moment(n % FORMS, position, at)


def _moment(form: int, position: int, at: str) -> dict[str, str]:
    before = datetime.fromisoformat(at) - timedelta(microseconds=1)
    return (
        {"as_of": at},
        {"as_of": before.isoformat()},
        {"as_of_position": str(position)},
        {"as_of": at, "as_of_position": str(position)},
    )[form]


def ask(client: httpx.Client, asked: Iterable[tuple[str, str, dict[str, str]]]) -> list[Answer]:
    """Return the answers to the questions."""
    answers = []
    for kind, path, moment in asked:
        answer = client.get(path, params=moment)
        answers.append(Answer(kind, path, moment, answer.status_code, answer.json()))
    return answers


def compare(old: Sequence[Answer], new: Sequence[Answer]) -> dict[str, Any]:
    """Return how many answers are different, the first ones, and which fields are new."""
    first, different, more = list[str](), 0, set[str]()
    for was, now in zip(old, new, strict=True):
        if wrong := [*_differences(was, now)]:
            different += 1
            first += [f"GET {now.path} {now.moment}: {'; '.join(wrong)}"][: NAMED - len(first)]
        elif was.status == httpx.codes.OK:
            more |= {f"{now.kind}.{name}" for name in fields(now.document) - fields(was.document)}
    return {
        "as_of": len(old),
        "different": different,
        "found": Counter(was.kind for was in old if was.status == httpx.codes.OK),
        "not_yet_there": sum(was.status == httpx.codes.NOT_FOUND for was in old),
        "new_fields": sorted(more),
    } | ({"first": first} if first else {})


def _differences(was: Answer, now: Answer) -> Iterator[str]:
    if was.status != now.status:
        yield f"status {now.status}, was {was.status}"
    elif was.status == httpx.codes.OK:
        yield from differences(was.document, now.document, TABLES.get(was.kind, AS_IT_WAS).values)
    elif was.document["type"] != now.document["type"]:
        # The sentence of a refusal may be put better; its type is what programs rely on.
        yield f"type {now.document['type']}, was {was.document['type']}"


def differences(
    was: Any, now: Any, renamed: Mapping[str, Mapping[str, str]], field: str = ""
) -> Iterator[str]:
    """Yield what was said and is not said any more; what is said beside it is no difference."""
    if isinstance(was, dict) and isinstance(now, dict):
        for name, value in was.items():
            inner = f"{field}.{name}" if field else name
            if name in now:
                yield from differences(value, now[name], renamed, inner)
            else:
                yield f"{inner} is gone"
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for n, (one, other) in enumerate(zip(was, now, strict=True)):
            yield from differences(one, other, renamed, f"{field}[{n}]")
    elif not _same(was, now, renamed.get(field, {})):
        yield f"{field} is {now!r}, was {was!r}"


def _same(was: Any, now: Any, renamed: Mapping[str, str]) -> bool:
    # 1 and true are equal in Python, but not in JSON.
    if type(was) is type(now) and was == now:
        return True
    return isinstance(was, str) and was in renamed and renamed[was] == now


def fields(document: Mapping[str, Any], within: str = "") -> set[str]:
    """Return the dotted paths of all fields of a document."""
    found = set[str]()
    for name, value in document.items():
        found.add(f"{within}{name}")
        if isinstance(value, dict):
            found |= fields(value, f"{within}{name}.")
    return found
