"""Tags: short words that users put on records, always in small letters."""

from collections.abc import Iterable
from typing import Annotated

from domain.errors import Invalid
from domain.personal import Impersonal
from domain.rules import require_text

TAG_LIMIT = 20


class TooManyTags(Invalid):
    """A record has at most {limit} tags."""

    field = "tags"


def checked_tags(name: str, tags: Iterable[str]) -> tuple[str, ...]:
    """Return the tags in lower case, sorted, once each; raises `TooManyTags` and `TextMissing`."""
    checked = sorted({require_text(name, tag, limit=50).lower() for tag in tags})
    if len(checked) > TAG_LIMIT:
        raise TooManyTags(limit=TAG_LIMIT)
    return tuple(checked)


Tags = Annotated[tuple[str, ...], checked_tags, Impersonal("A label that many records share.")]
