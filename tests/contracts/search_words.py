"""What every search engine promises about queries: which words and numbers find which texts."""

from uuid import UUID

import pytest

from readapi.search import Kind
from tests.contracts.search_desk import Desk, customer, ticket, tickets
from tests.given import CUSTOMER

ODD = (
    "",
    " ",
    '"',
    '""',
    '"unclosed',
    "-",
    "--",
    '-"',
    "'",
    "\\",
    "\0",
    "drucker\0defekt",
    "\ud800",
    "\u202e\u200b",
    "&",
    "| & ! ( ) : * <->",
    "drucker & ! |",
    "a:* <-> b",
    "{!lucene}",
    "title:drucker^5~",
    "%",
    "%%%%",
    "____",
    "%(name)s {}",
    "$1 ; drop table",
    "🖨️🔥",
    "日本語",
    "x" * 10_000,
    "drucker " * 1_250,
    '"drucker ' * 1_000,
    "-drucker " * 1_000,
    "ä" * 10_000,
    "99999999999999999999999999",
    "T-99999999999999999999",
)


class Words:
    """Which words find which texts."""

    async def test_german_words_are_found_in_any_form(self, desk: Desk) -> None:
        await desk.take_in(
            tickets("DRUCKER kaputt", "Störung im Netz", "Alle Rechnungen", "Anwendungen laufen")
        )

        found = await desk.found("Druckern", "drucker", "STÖRUNGEN", "rechnung", "anwendung")

        assert found == {
            "Druckern": ["DRUCKER kaputt"],
            "drucker": ["DRUCKER kaputt"],
            "STÖRUNGEN": ["Störung im Netz"],
            "rechnung": ["Alle Rechnungen"],
            "anwendung": ["Anwendungen laufen"],
        }

    async def test_english_words_are_found_in_any_form(self, desk: Desk) -> None:
        await desk.take_in(tickets("The printer jams", "Connection lost", "Companies moved"))

        found = await desk.found("printers", "jammed", "connections", "lost", "company")

        assert found == {
            "printers": ["The printer jams"],
            "jammed": ["The printer jams"],
            "connections": ["Connection lost"],
            "lost": ["Connection lost"],
            "company": ["Companies moved"],
        }

    @pytest.mark.parametrize("title", ["Störung", "Stoerung", "Netzwerkstörungen"])
    async def test_umlauts_may_be_spelt_out(self, desk: Desk, title: str) -> None:
        await desk.take_in(tickets(title, "Größe"))

        found = await desk.found("Störung", "stoerung", "Sto\u0308rung", "groesse", "grösse")

        assert found == {
            "Störung": [title],
            "stoerung": [title],
            "Sto\u0308rung": [title],
            "groesse": ["Größe"],
            "grösse": ["Größe"],
        }

    @pytest.mark.parametrize("query", ["netzwerk", "drucker", "fehler", "netzwerkdrucker"])
    async def test_compounds_are_found_by_their_parts(self, desk: Desk, query: str) -> None:
        await desk.take_in(
            [
                ticket("Netzwerkdruckerfehler", number=1),
                ticket("Im Text", "Lauter Netzwerkdruckerfehler!", number=2),
                ticket("Etwas anderes", number=3),
            ]
        )

        titles = await desk.titles(query)

        assert titles == ["Netzwerkdruckerfehler", "Im Text"]

    async def test_compounds_of_unusual_words_are_found_by_both_ends(self, desk: Desk) -> None:
        await desk.take_in([ticket("Sonstiges", "Der Gabelstaplerwagen steht."), customer("Acme")])

        found = await desk.found("gabelstapler", "wagen")

        assert found == {"gabelstapler": ["Sonstiges"], "wagen": ["Sonstiges"]}

    async def test_a_compound_is_not_found_where_only_a_part_of_it_is(self, desk: Desk) -> None:
        await desk.take_in(tickets("Netzwerk", "Drucker", "Netzwerkdrucker"))

        titles = await desk.titles("netzwerkdrucker")

        assert titles == ["Netzwerkdrucker"]

    async def test_every_word_has_to_be_somewhere(self, desk: Desk) -> None:
        await desk.take_in(
            [
                ticket("Drucker", "Er druckt nicht. The toner is empty.", number=1),
                ticket("Drucker", "Er druckt.", number=2),
                ticket("Toner", number=3),
            ]
        )

        ids = await desk.ids("drucker toner")

        assert ids == [UUID(int=1)]

    async def test_words_that_say_nothing_need_not_be_there(self, desk: Desk) -> None:
        await desk.take_in(tickets("Drucker, Raum 5", "Die IT ist im Keller"))

        found = await desk.found("der drucker im raum", "the drucker and a raum", "IT")

        assert found == {
            "der drucker im raum": ["Drucker, Raum 5"],
            "the drucker and a raum": ["Drucker, Raum 5"],
            "IT": ["Die IT ist im Keller"],
        }

    @pytest.mark.parametrize("query", ['"paper jam"', "„paper jam“", '"Paper  JAM'])
    async def test_a_phrase_has_to_stand_together(self, desk: Desk, query: str) -> None:
        await desk.take_in(tickets("A paper jam again", "A jam of paper", "Paper with jam on it"))

        titles = await desk.titles(query)

        assert titles == ["A paper jam again"]

    async def test_a_quoted_word_is_not_a_part_of_others(self, desk: Desk) -> None:
        await desk.take_in(tickets("Der Gabelstapler", "Der Gabelstaplerwagen"))

        titles = await desk.titles('"gabelstapler"')

        assert titles == ["Der Gabelstapler"]

    async def test_what_is_excluded_is_not_found(self, desk: Desk) -> None:
        await desk.take_in(tickets("Drucker: Toner leer", "Drucker: kein Papier"))

        found = await desk.found("drucker -toner", '-"toner leer" drucker', "-toner")

        assert found == {
            "drucker -toner": ["Drucker: kein Papier"],
            '-"toner leer" drucker': ["Drucker: kein Papier"],
            "-toner": [],
        }

    async def test_technical_names_are_found_as_they_are(self, desk: Desk) -> None:
        names = [
            "max.muster@firma.example",
            "srv-dc01.firma.local",
            r"C:\Windows\Temp\setup.log",
            "10.0.0.17",
            "0x80070005",
            "Netzwerk-Drucker",
        ]
        await desk.take_in(
            [
                ticket(name, f"Seit heute: ({name}), sonst nichts.", number=number)
                for number, name in enumerate(names, start=1)
            ]
        )

        found = await desk.found(*names)

        assert found == {name: [name] for name in names}

    async def test_any_text_is_a_legal_query(self, desk: Desk) -> None:
        await desk.take_in(tickets("Drucker"))

        for query in ODD:
            hits = await desk.find(query, customer_ids=[CUSTOMER], include_internal=True)
            ids = await desk.ids(query, customer_ids=[CUSTOMER], include_internal=True)

            assert [hit.id for hit in hits] == ids

    async def test_a_query_without_a_word_finds_nothing(self, desk: Desk) -> None:
        await desk.take_in(tickets("Drucker 🖨️ & | ! -"))

        found = await desk.found("", "  ", '""', "-", "& | !", "\0", "🖨️")

        assert not any(found.values())


class Numbers:
    """What is found by its number."""

    @pytest.mark.parametrize("query", ["T-000123", "t-123", "T123", "123", "000123"])
    async def test_a_ticket_is_found_by_its_number_before_all_others(
        self, desk: Desk, query: str
    ) -> None:
        await desk.take_in(
            [
                ticket("Mentions 123 and T-000123", "123 123 123", number=7),
                ticket("Begins with it", number=1234),
                ticket("The one", number=123),
                ticket("Ends with it", number=9123),
            ]
        )

        hits = await desk.find(query)

        assert [hit.number for hit in hits[:2]] == ["123", "1234"]
        assert "9123" not in {hit.number for hit in hits}

    async def test_a_customer_is_found_by_number_but_not_by_a_tickets_number(
        self, desk: Desk
    ) -> None:
        await desk.take_in([customer("Acme", number=10_001)])

        hits = await desk.find("10001")

        assert [(hit.kind, hit.number) for hit in hits] == [(Kind.CUSTOMER, "10001")]
        assert await desk.find("T-10001") == []

    @pytest.mark.parametrize("query", ["INC0000047", "inc0000047", "INC00000", "0000047"])
    async def test_a_ticket_is_found_by_its_number_elsewhere(self, desk: Desk, query: str) -> None:
        await desk.take_in(
            [
                ticket("The one", number=1, external_number="INC0000047"),
                ticket("Another one", number=2, external_number="RITM900"),
            ]
        )

        titles = await desk.titles(query)

        assert titles == ["The one"]

    async def test_a_number_elsewhere_comes_before_texts_that_mention_it(self, desk: Desk) -> None:
        await desk.take_in(
            [
                ticket("INC0000047 again", "INC0000047 INC0000047", number=2),
                ticket("The one", number=1, external_number="INC0000047"),
            ]
        )

        titles = await desk.titles("INC0000047")

        assert titles == ["The one", "INC0000047 again"]
