"""How alike two names are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.similarity import company_key, person_key, similarity

NAMES = st.text(alphabet=st.characters(codec="utf-8"), max_size=30)
WORDS = st.lists(st.sampled_from(["huber", "baeckerei", "müller", "wien", "it", "b"]), max_size=4)


@pytest.mark.parametrize(
    "name",
    [
        "Huber Bäckerei",
        "HUBER BAECKEREI",
        " Huber  Ba\u0308ckerei ",
        "Huber-Bäckerei GmbH",
        "Huber Bäckerei G.m.b.H.",
        "Huber Bäckerei G. m. b. H.",
        "Huber Bäckerei Ges.m.b.H.",
        "Huber Bäckerei Ges. m. b. H.",
        "Huber Bäckerei Gesellschaft mbH",
        "Huber Bäckerei Gesellschaft mit beschränkter Haftung",
        "Huber Bäckerei mbH",
        "Huber Bäckerei AG",
        "Huber Bäckerei KG",
        "Huber Bäckerei GmbH & Co. KG",
        "Huber Bäckerei GmbH und Co KG",
        "Huber Bäckerei GmbH & Co. KGaA",
        "Huber Bäckerei UG (haftungsbeschränkt)",
        "Huber Bäckerei UG (haftungsbeschränkt) & Co. KG",
        "Huber Bäckerei e.K.",
        "Huber Bäckerei e. K.",
        "Huber Bäckerei e. Kfr.",
        "Huber Bäckerei e.Kfm.",
        "Huber Bäckerei OHG",
        "Huber Bäckerei OG",
        "Huber Bäckerei GbR",
        "Huber Bäckerei GesbR",
        "Huber Bäckerei SE",
        "Huber Bäckerei e.V.",
        "Huber Bäckerei e.U.",
        "Huber Bäckerei PartG mbB",
        "Huber Bäckerei FlexCo",
        "Huber Bäckerei Sàrl",
        "Huber Bäckerei S.à r.l.",
        "Huber Bäckerei S.A.",
        "Huber Bäckerei Ltd.",
        "Huber Bäckerei, Inc.",
        "Huber Bäckerei B.V.",
        "Huber Bäckerei S.p.A.",
        "Huber Bäckerei Sp. z o.o.",
        "Huber Bäckerei s.r.o.",
        "Huber GmbH Bäckerei",
    ],
)
def test_one_company_has_one_key_whatever_its_legal_form(name: str) -> None:
    assert company_key(name) == "huber baeckerei"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Strauß & Söhne", "strauss soehne"),
        ("Strauss und Söhne", "strauss soehne"),
        ("Crédit Łódź Ørsted", "credit lodz oersted"),
        ("L'Oréal", "loreal"),
        ("McDonald\u2019s", "mcdonalds"),
        ("booking.com B.V.", "booking com"),
        ("3M Deutschland GmbH", "3m deutschland"),
        ("A. G. Müller", "ag mueller"),
        ("EU Beratung e.U.", "eu beratung"),
        ("AG", "ag"),
        ("Und GmbH", "und"),
        ("日本 株式会社", "日本 株式会社"),
        ("", ""),
        ("&", "und"),
        ("\u2121-Service", "tel service"),
        ("–", ""),
    ],
)
def test_a_key_keeps_what_tells_companies_apart(name: str, key: str) -> None:
    assert company_key(name) == key


@pytest.mark.parametrize(
    "name",
    [
        "Ada Zürn",
        "ADA ZUERN",
        " Zu\u0308rn,  Ada ",
        "Dr. Ada Zürn",
        "Frau Prof. Dr. med. Ada Zürn",
        "Dipl.-Ing. Ada Zürn, MBA",
    ],
)
def test_one_person_has_one_key_however_they_are_addressed(name: str) -> None:
    assert person_key(name) == "ada zuern"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("A. Zürn", "a zuern"),
        ("Jack Ma", "jack ma"),
        ("Ada Zürn-Li", "ada li zuern"),
        ("Dr. Prof", "dr prof"),
        ("???", ""),
    ],
)
def test_a_key_keeps_what_tells_people_apart(name: str, key: str) -> None:
    assert person_key(name) == key


def test_a_persons_key_stays_short_where_characters_come_apart() -> None:
    # U+3300 is five letters by itself.
    assert len(person_key("\u3300" * 200)) == 200
    assert len(company_key("\u3300" * 200)) == 200


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("huber baeckerei", "baeckerei huber"),
        ("huber baeckerei", "huber baeckerei wien"),
        ("huber baeckerei", "hubert baeckerei"),
        ("anna mueller", "anna muller"),
        ("systemhaus nord", "system haus nord"),
    ],
)
def test_names_that_may_be_the_same_are_alike(a: str, b: str) -> None:
    assert similarity(a, b) > 0.7


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("huber baeckerei", "gruber spedition"),
        ("systemhaus nord", "autohaus sued"),
        ("anna mueller", "peter schmidt"),
        ("huber baeckerei", ""),
    ],
)
def test_names_of_others_are_not_alike(a: str, b: str) -> None:
    assert similarity(a, b) < 0.4


def test_the_figure_is_the_share_of_common_trigrams() -> None:
    # "  a", " ab", "ab " and "  a", " ac", "ac " have one of three in common.
    assert similarity("ab", "ac") == pytest.approx(1 / 3)


@given(NAMES, NAMES)
def test_similarity_is_symmetric_and_between_0_and_1(a: str, b: str) -> None:
    assert similarity(a, b) == similarity(b, a)
    assert 0 <= similarity(a, b) <= 1


@given(NAMES)
def test_equal_keys_are_wholly_alike(name: str) -> None:
    assert similarity(company_key(name), company_key(name)) == 1


@given(WORDS.flatmap(lambda words: st.tuples(st.just(words), st.permutations(words))))
def test_the_order_of_words_does_not_count(words: tuple[list[str], list[str]]) -> None:
    given, turned = (" ".join(order) for order in words)

    assert similarity(given, turned) == 1


@given(NAMES)
def test_a_key_does_not_depend_on_case_or_blanks(name: str) -> None:
    assert company_key(f"  {name}\t") == company_key(name)
    assert company_key(name.casefold()) == company_key(name)


@given(WORDS, st.sampled_from(["GmbH", "AG", "e.K.", "GmbH & Co. KG", "Sàrl", "Ltd."]))
def test_a_legal_form_behind_a_name_does_not_count(words: list[str], form: str) -> None:
    name = " ".join(["Nord", *words])

    assert company_key(f"{name} {form}") == company_key(name)
