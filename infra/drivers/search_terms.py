"""What a person typed into the search field, read the same way for every engine."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Final, NamedTuple

TERM_LIMIT: Final = 16
WORD_LIMIT: Final = 32
LETTER_LIMIT: Final = 100
PART_MINIMUM: Final = 4
DIGIT_MINIMUM: Final = 3

# Typographic quotes come with pasted text, invisible characters with text from anywhere.
QUOTES: Final = str.maketrans(dict.fromkeys("„“”«»", '"'))
PIECE: Final = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')
EDGES: Final = re.compile(r"^[\W_]+|[\W_]+$")
SPELLINGS: Final = {"ä": "ae", "ö": "oe", "ü": "ue"}
UMLAUTS: Final = {spelt_out: umlaut for umlaut, spelt_out in SPELLINGS.items()}
UMLAUT: Final = re.compile("[äöü]", re.IGNORECASE)
SPELT_OUT: Final = re.compile("[ao]e|(?<![aeiouqyäöü])ue", re.IGNORECASE)
NUMBER: Final = re.compile(r"(t-?)?0*([1-9][0-9]{0,17})", re.IGNORECASE | re.ASCII)


class Number(NamedTuple):
    """A number as it is stored: `T-000123` and `123` are both 123."""

    digits: str
    of_ticket: bool

    @property
    def is_begun(self) -> bool:
        """Whether it may also be the beginning of a number: one or two digits say too little."""
        return len(self.digits) >= DIGIT_MINIMUM


class Term(NamedTuple):
    """One word of a query, or several that must stand together."""

    text: str
    is_quoted: bool = False

    @property
    def may_be_part(self) -> bool:
        """Whether the text may also be found inside of longer words."""
        return len(self.text) >= PART_MINIMUM and not self.is_quoted

    @property
    def spellings(self) -> tuple[str, ...]:
        """The text, and with umlauts spelt out or not: `störung` is `stoerung` elsewhere."""
        spelt_out = UMLAUT.sub(lambda found: SPELLINGS[found[0].lower()], self.text)
        spelt_short = SPELT_OUT.sub(lambda found: UMLAUTS[found[0].lower()], self.text)
        return tuple(dict.fromkeys((self.text, spelt_out, spelt_short)))

    @property
    def number(self) -> Number | None:
        """The number of a ticket or a customer that the text may be."""
        found = NUMBER.fullmatch(self.text)
        return found and Number(digits=found[2], of_ticket=found[1] is not None)


class Query(NamedTuple):
    """What has to be there, and what must not; without anything wanted nothing is found."""

    wanted: tuple[Term, ...]
    excluded: tuple[Term, ...]


def read_query(text: str) -> Query:
    """Read words, `"phrases"` and `-exclusions`; every text is legal, and all else is ignored.

    Words that say nothing, such as `der` or `the`, are left out unless there are no others.
    """
    wanted: list[Term] = []
    excluded: list[Term] = []
    for is_excluded, term in islice(_terms(_clean(text)), TERM_LIMIT):
        (excluded if is_excluded else wanted).append(term)
    telling = [term for term in wanted if term.text.lower() not in _stop_words()]
    return Query(tuple(dict.fromkeys(telling or wanted)), tuple(dict.fromkeys(excluded)))


def _clean(text: str) -> str:
    """Compose letters and their accents; drop what no text can hold (lone surrogates, NUL)."""
    known = text.encode("utf-8", "ignore").decode().translate(QUOTES).replace("\0", " ")
    return unicodedata.normalize("NFC", known)


def _terms(text: str) -> Iterator[tuple[bool, Term]]:
    for found in PIECE.finditer(text):
        minus, phrase, word = found.groups()
        words = (phrase or word or "").split(maxsplit=WORD_LIMIT)[:WORD_LIMIT]
        if bare := EDGES.sub("", " ".join(each[:LETTER_LIMIT] for each in words)):
            yield minus == "-", Term(bare, is_quoted=word is None)


@cache
def _stop_words() -> frozenset[str]:
    file = files("infra.drivers") / "search_stop_words.txt"
    return frozenset(file.read_text(encoding="utf-8").split())
