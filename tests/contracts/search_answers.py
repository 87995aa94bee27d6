"""What every search engine promises about answers: who gets which, in what order and form."""

from uuid import UUID

import pytest

from readapi.search import Kind
from tests.contracts.search_desk import Desk, customer, ticket, tickets
from tests.given import CUSTOMER, OTHER_CUSTOMER


class Rights:
    """Who finds what."""

    async def test_only_what_belongs_to_the_customer_is_found(self, desk: Desk) -> None:
        await desk.take_in(
            [
                ticket("Drucker", number=1, customer_id=CUSTOMER),
                ticket("Drucker", number=2, customer_id=OTHER_CUSTOMER),
            ]
        )

        hits = await desk.find("drucker", customer_ids=[OTHER_CUSTOMER])
        ids = await desk.ids("drucker", customer_ids=[OTHER_CUSTOMER])

        assert [hit.id for hit in hits] == ids == [UUID(int=2)]

    async def test_what_belongs_to_one_of_several_customers_is_found(self, desk: Desk) -> None:
        of = [CUSTOMER, OTHER_CUSTOMER, UUID(int=99)]
        await desk.take_in(
            [ticket("Drucker", number=n, customer_id=one) for n, one in enumerate(of, start=1)]
        )

        hits = await desk.find("drucker", customer_ids=of[:2])
        ids = await desk.ids("drucker", customer_ids=of[:2])

        assert {hit.id for hit in hits} == set(ids) == {UUID(int=1), UUID(int=2)}

    async def test_what_belongs_to_none_of_no_customers_is_not_found(self, desk: Desk) -> None:
        await desk.take_in([ticket("Drucker", customer_id=CUSTOMER)])

        assert await desk.find("drucker", customer_ids=[]) == []
        assert await desk.ids("drucker", customer_ids=[]) == []

    async def test_only_the_wanted_kinds_are_found(self, desk: Desk) -> None:
        await desk.take_in([ticket("Acme druckt nicht"), customer("Acme Druck")])

        hits = await desk.find("acme", kinds=[Kind.CUSTOMER])
        ids = await desk.ids("acme", kind=Kind.TICKET)

        assert [hit.kind for hit in hits] == [Kind.CUSTOMER]
        assert ids == [UUID(int=1)]

    async def test_internal_comments_are_found_by_staff_only(self, desk: Desk) -> None:
        await desk.take_in([ticket("Drucker", internal_body="Der Kunde ist schwierig.")])

        for_staff = await desk.find("schwierig", include_internal=True)
        for_customers = await desk.find("schwierig", include_internal=False)

        assert [hit.snippet for hit in for_staff] == ["Der Kunde ist <mark>schwierig</mark>."]
        assert for_customers == []
        assert await desk.ids("schwierig", include_internal=True) == [UUID(int=1)]
        assert await desk.ids("schwierig", include_internal=False) == []

    async def test_internal_comments_are_not_shown_to_others(self, desk: Desk) -> None:
        await desk.take_in([ticket("Drucker", "Drucker geht.", internal_body="Drucker ist alt.")])

        (hit,) = await desk.find("drucker", include_internal=False)

        assert "alt" not in hit.snippet

    @pytest.mark.parametrize("query", ["drucker -schwierig", "drucker -schwier"])
    async def test_an_exclusion_does_not_reveal_internal_comments(
        self, desk: Desk, query: str
    ) -> None:
        await desk.take_in([ticket("Drucker", internal_body="Der Kunde ist schwierig.")])

        titles = await desk.titles(query, include_internal=False)

        assert titles == ["Drucker"]


class Changes:
    """What becomes of rows that change."""

    async def test_lists_decide_themselves_about_what_is_deleted(self, desk: Desk) -> None:
        await desk.take_in([ticket("Drucker", deleted=True)])

        ids = await desk.ids("drucker")

        assert ids == [UUID(int=1)]

    async def test_what_is_deleted_is_not_found_until_it_is_restored(self, desk: Desk) -> None:
        await desk.take_in([ticket("Drucker", position=1, deleted=True)])

        before = await desk.titles("drucker")
        await desk.take_in([ticket("Drucker", position=2, deleted=False)])
        after = await desk.titles("drucker")

        assert (before, after) == ([], ["Drucker"])

    async def test_a_newer_row_replaces_the_older_one(self, desk: Desk) -> None:
        await desk.take_in([ticket("Drucker", "Toner", position=1)])

        await desk.take_in([ticket("Scanner", "Papier", position=2)])

        assert await desk.titles("drucker") == await desk.titles("toner") == []
        assert await desk.titles("scanner papier") == ["Scanner"]

    async def test_the_same_row_may_come_again(self, desk: Desk) -> None:
        await desk.take_in([ticket("Drucker", position=1)])

        await desk.take_in([ticket("Drucker", position=1)])

        assert await desk.titles("drucker") == ["Drucker"]

    @pytest.mark.parametrize(
        "body",
        ["x" * 100_000, "QUJD" * 25_000, "wort " * 20_000, "<b>" * 30_000, "ä\u0308\u200b\x07"],
        ids=range(5),
    )
    async def test_any_text_can_be_taken_in(self, desk: Desk, body: str) -> None:
        await desk.take_in([ticket("Drucker", body, internal_body=body)])

        hits = await desk.find("drucker", include_internal=True)

        assert [hit.title for hit in hits] == ["Drucker"]
        assert len(hits[0].snippet) < 2_000


class Order:
    """Which matches come first, and how many."""

    async def test_titles_come_before_texts(self, desk: Desk) -> None:
        await desk.take_in(
            [
                ticket("Störung", "Drucker, Drucker und wieder Drucker: alle Drucker.", number=3),
                ticket("Der Drucker im dritten Stock druckt seit gestern nicht", number=2),
                ticket("Netzwerkdrucker", number=1),
            ]
        )

        ids = await desk.ids("drucker")

        assert ids[-1] == UUID(int=3)
        assert len(ids) == 3

    async def test_of_equal_matches_the_one_that_changed_last_comes_first(self, desk: Desk) -> None:
        await desk.take_in(tickets("Drucker", "Drucker", "Drucker"))

        ids = await desk.ids("drucker")

        assert ids == [UUID(int=3), UUID(int=2), UUID(int=1)]

    async def test_no_more_is_returned_than_was_asked_for(self, desk: Desk) -> None:
        await desk.take_in(tickets("Drucker", "Drucker", "Drucker"))

        assert len(await desk.find("drucker", limit=2)) == 2
        assert len(await desk.ids("drucker", limit=2)) == 2
        assert await desk.find("drucker", limit=0) == []
        assert len(await desk.ids("drucker", limit=1_000_000)) == 3

    async def test_both_questions_have_the_same_answer(self, desk: Desk) -> None:
        rows = tickets("Drucker defekt", "Netzwerkdrucker", "Drucker", "Toner")
        await desk.take_in([*rows, ticket("Toner", "Im Drucker.", number=9)])

        hits = await desk.find("drucker", kinds=[Kind.TICKET])
        ids = await desk.ids("drucker")

        assert [hit.id for hit in hits] == ids
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


class Snippets:
    """What is shown of a match."""

    @pytest.mark.parametrize(
        ("query", "body", "marked"),
        [
            ("drucker", "Der Drucker brennt.", "Der <mark>Drucker</mark> brennt."),
            ("störung", "Viele Störungen.", "Viele <mark>Störungen</mark>."),
            ("printers", "The printer jams.", "The <mark>printer</mark> jams."),
            ("drucker", "Ein Netzwerkdrucker.", "Ein <mark>Netzwerkdrucker</mark>."),
            ("wagen", "Der Staplerwagen.", "Der <mark>Staplerwagen</mark>."),
        ],
    )
    async def test_a_snippet_marks_what_was_found(
        self, desk: Desk, query: str, body: str, marked: str
    ) -> None:
        await desk.take_in([ticket("Ticket", body)])

        (hit,) = await desk.find(query)

        assert hit.snippet == marked

    async def test_a_snippet_is_cut_out_around_the_match(self, desk: Desk) -> None:
        before, after = "Vorher ist viel. " * 200, "Nachher ist viel. " * 200
        await desk.take_in([ticket("Ticket", f"{before} Der Drucker brennt. {after}")])

        (hit,) = await desk.find("drucker")

        assert "<mark>Drucker</mark>" in hit.snippet
        assert len(hit.snippet) < 400

    async def test_a_snippet_shows_the_beginning_when_only_the_title_matches(
        self, desk: Desk
    ) -> None:
        await desk.take_in([ticket("Drucker", "Seit heute früh.")])

        (hit,) = await desk.find("drucker")

        assert hit.snippet == "Seit heute früh."

    async def test_a_snippet_is_harmless_html(self, desk: Desk) -> None:
        body = 'Drucker < 5 & "neu" \ue000\ue001\ue000 </mark> 7 > 3'
        await desk.take_in([ticket("Ticket", body)])

        (hit,) = await desk.find("drucker")

        text = hit.snippet.replace("<mark>", "", 1).replace("</mark>", "", 1)
        assert hit.snippet.startswith("<mark>Drucker</mark> &lt; 5 &amp;")
        assert not {"<", ">", "\ue000", "\ue001"} & set(text)
