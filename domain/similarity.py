"""How alike two names are, to propose duplicates; nothing is ever merged by it.

Names become keys first; keys are compared by the Dice coefficient of their trigrams, taken word by
word as pg_trgm takes them: word order does not count, a typo costs three trigrams, and the figure
ranks like the search that found the candidates. Jaro-Winkler, the other usual choice, depends on
the order of words and calls unrelated names alike (0.5 and more).
"""

import re
import unicodedata
from collections.abc import Iterable

_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "æ": "ae", "œ": "oe", "ø": "oe", "ł": "l", "đ": "d", "ð": "d"}
)
"""How a letter is written where it is not on the keyboard (DIN 5007-2), after case folding."""

_APOSTROPHES = re.compile(r"['\u2018\u2019\u02bc`\u00b4]")
_INITIALS = re.compile(r"\b([^\W\d_])\.\s*(?=[^\W\d_]\b|kf[mr]\b)")
"""A single letter with a dot before another one: e. K., G.m.b.H., S.A., e. Kfr."""

_FORMS = frozenset(
    """
    ag aktiengesellschaft eg ek ekfm ekfr eu ev gbr gesbr gesmbh ggmbh gmbh gug kg kgaa mbh mbb og
    ohg partg partgmbb se ug haftungsbeschraenkt beschraenkt flexco flexkapg
    ges gesellschaft mit beschraenkter haftung eingetragener eingetragene verein genossenschaft
    sarl sas sasu eurl sa rl spa srl sagl snc bv nv bvba cv cvba vof ab as asa aps oy oyj sro doo
    sp z oo kft zrt ltd limited inc incorporated llc llp lp plc corp corporation co company cie
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
"""Legal forms of DE, AT, CH and common ones of others; left out at the end of a name."""

_FORMS_ANYWHERE = frozenset(
    {"gmbh", "ggmbh", "mbh", "ag", "kg", "kgaa", "ohg", "gbr", "sarl", "ltd"}
)
"""Those that are left out in the middle as well: Huber GmbH Filiale Wien."""

_LINKS = frozenset({"and", "et", "und", "u"})
_TITLES = frozenset(
    """
    dr drs prof dipl ing mag med jur rer habil hc phd mba bsc msc herr frau mr mrs ms
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
"""What stands before or behind a person's name; what may as well be a name is not among it."""

_LONGEST = 200
"""How long a key is at most: some characters come apart into many, and an index takes no text of
any length."""


def company_key(name: str) -> str:
    """Return the name without case, accents, punctuation and legal form; its first word stays.

    Huber Bäckerei GmbH & Co. KG and HUBER BAECKEREI become `huber baeckerei`. It has 200 characters
    at most.
    """
    first, *words = _words(name) or [""]
    words = [word for word in words if word not in _LINKS]
    while words and words[-1] in _FORMS:
        words.pop()
    return _short([first, *(word for word in words if word not in _FORMS_ANYWHERE)])


def person_key(name: str) -> str:
    """Return the words of the name by the alphabet, without case, accents, marks and titles.

    Dr. Ada Zürn and ZUERN, ADA become `ada zuern`. It has 200 characters at most.
    """
    words = sorted(_words(name))
    return _short([word for word in words if word not in _TITLES] or words)


def similarity(a: str, b: str) -> float:
    """Return how alike two keys are, from 0.0 to 1.0, whatever the order of their words."""
    if a == b:
        return 1.0
    of_a, of_b = _trigrams(a), _trigrams(b)
    return 2 * len(of_a & of_b) / (len(of_a) + len(of_b)) if of_a and of_b else 0.0


def _short(words: Iterable[str]) -> str:
    return " ".join(words)[:_LONGEST].rstrip()


def _words(name: str) -> list[str]:
    """Return the words in small letters without marks."""
    folded = unicodedata.normalize("NFC", name.casefold()).translate(_LETTERS)
    letters = "".join(
        c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c)
    )
    # Compatibility forms such as the telephone sign come apart into capitals.
    joined = _INITIALS.sub(r"\1", _APOSTROPHES.sub("", letters.casefold()))
    return re.findall(r"[^\W_]+", joined.replace("&", " und "))


def _trigrams(key: str) -> set[str]:
    """Return all triples of letters, each word with two blanks before and one behind."""
    padded = (f"  {word} " for word in key.split())
    return {word[at : at + 3] for word in padded for at in range(len(word) - 2)}
