"""Reading what was typed into the search field."""

import pytest

from infra.drivers.search_terms import Number, Query, Term, read_query


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("drucker defekt", [Term("drucker"), Term("defekt")]),
        ("(Drucker), defekt!", [Term("Drucker"), Term("defekt")]),
        ('"paper  jam"', [Term("paper jam", is_quoted=True)]),
        ('"unclosed phrase', [Term("unclosed phrase", is_quoted=True)]),
        ("user@example.org", [Term("user@example.org")]),
        ("drucker drucker", [Term("drucker")]),
        ("der drucker", [Term("drucker")]),
        ("der die das", [Term("der"), Term("die"), Term("das")]),
        ("Sto\u0308rung", [Term("Störung")]),
        ("a\0b \ud800", [Term("b")]),
        (' "" - & ', []),
    ],
)
def test_words_and_phrases_are_wanted(text: str, wanted: list[Term]) -> None:
    query = read_query(text)

    assert query == Query(tuple(wanted), ())


def test_a_minus_excludes_the_word_or_the_phrase_behind_it() -> None:
    query = read_query('-toner drucker -"kein papier" netzwerk-drucker')

    assert query.excluded == (Term("toner"), Term("kein papier", is_quoted=True))
    assert query.wanted == (Term("drucker"), Term("netzwerk-drucker"))


def test_endless_queries_are_cut() -> None:
    query = read_query(f"{'x' * 10_000} " + " ".join(f"word{number}" for number in range(1_000)))

    assert len(query.wanted) == 16
    assert query.wanted[0] == Term("x" * 100)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("123", Number("123", of_ticket=False)),
        ("000123", Number("123", of_ticket=False)),
        ("T-000123", Number("123", of_ticket=True)),
        ("t123", Number("123", of_ticket=True)),
        ("T-0", None),
        ("12a", None),
        ("٣", None),
        ("9" * 30, None),
    ],
)
def test_a_word_may_be_a_number(text: str, number: Number | None) -> None:
    assert Term(text).number == number


@pytest.mark.parametrize(
    ("text", "spellings"),
    [
        ("Drucker", ("Drucker",)),
        ("störung", ("störung", "stoerung")),
        ("Stoerung", ("Stoerung", "Störung")),
        ("neue", ("neue",)),
        ("quelle", ("quelle",)),
        ("über", ("über", "ueber")),
    ],
)
def test_umlauts_are_spelt_in_two_ways(text: str, spellings: tuple[str, ...]) -> None:
    assert Term(text).spellings == spellings
