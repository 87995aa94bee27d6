"""What is shown of a match: plain text around it, the words that match marked."""

import html
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from infra.drivers.search_terms import Query
from readapi.search import Hit, Kind

LIMIT: Final = 400

# Engines mark with characters that no text has, so that the text itself can be escaped.
OPEN: Final = "\ue000"
CLOSE: Final = "\ue001"
MARKED: Final = re.compile(f"{OPEN}([^{OPEN}{CLOSE}]+){CLOSE}")
STRAY: Final = re.compile(f"[{OPEN}{CLOSE}]")


def hit(row: Mapping[str, Any], snippets: Iterable[str], score: float, query: Query) -> Hit:
    """Return a match; of the engine's snippets the first that has a mark is shown."""
    return Hit(
        id=UUID(str(row["id"])),
        kind=Kind(row["kind"]),
        number=row["number"],
        title=row["title"],
        snippet=_snippet([text for text in snippets if text], query),
        score=score,
    )


def _snippet(texts: list[str], query: Query) -> str:
    marked = next((text for text in texts if MARKED.search(text)), None)
    if marked is None:
        # No engine sees every part of a word: here we look for the letters.
        marked = _with_marks(texts[0][:LIMIT], query) if texts else ""
    escaped = html.escape(" ".join(_cut(marked).split()), quote=False)
    return STRAY.sub("", MARKED.sub(r"<mark>\1</mark>", escaped))


def _with_marks(text: str, query: Query) -> str:
    parts = "|".join(re.escape(part) for term in query.wanted for part in term.spellings)
    return re.sub(rf"\w*(?:{parts})\w*", rf"{OPEN}\g<0>{CLOSE}", text, flags=re.IGNORECASE)


def _cut(text: str) -> str:
    """Limit a text without spaces, which engines leave whole, to what is around the first mark."""
    start = max(0, text.find(OPEN) - LIMIT // 4) if len(text) > LIMIT else 0
    return text[start : start + LIMIT]
