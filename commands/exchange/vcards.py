"""Contacts as vCards: 3.0 and 4.0 (RFC 2426, RFC 6350), read also from 2.1 as Outlook writes it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from commands.exchange.cards import Card, Labelled, PostalAddress
from commands.exchange.content_lines import (
    CardUnreadable,
    ContentLine,
    content_lines,
    escaped,
    folded,
)
from commands.exchange.properties import Properties
from commands.exchange.texts import decoded
from domain.errors import Invalid

MAX_BYTES = 20_000_000
MAX_CARDS = 50_000

Version = Literal["3.0", "4.0"]

_KIND = re.compile(r"[a-z0-9-]+")


class TooManyCards(Invalid):
    """The file has more than {limit} cards; split it."""

    field = "file"


def read_cards(
    data: bytes, *, encoding: str = "", max_bytes: int = MAX_BYTES, max_cards: int = MAX_CARDS
) -> Iterator[Card]:
    """Yield the cards in the order of the file; properties that a `Card` lacks are left out.

    A card without full name gets the parts of its name, or its organisation. Raises a refusal of
    `decoded` at once, and `CardUnreadable` or `TooManyCards` while cards are read.
    """
    return _cards(decoded(data, encoding, limit=max_bytes), max_cards)


def _cards(text: str, max_cards: int) -> Iterator[Card]:
    begun, count, held = 0, 0, list[ContentLine]()
    for line in content_lines(text):
        match line.name, line.value.strip().upper():
            case "BEGIN", "VCARD" if not begun:
                begun, held = line.number, []
            case "END", "VCARD" if begun:
                count += 1
                if count > max_cards:
                    raise TooManyCards(limit=max_cards)
                yield _card(begun, held)
                begun = 0
            case name, _ if not begun or name in {"BEGIN", "END"}:
                raise CardUnreadable(line=line.number, problem=f"{name} is out of place")
            case _:
                held.append(line)
    if begun:
        raise CardUnreadable(line=begun, problem="the card has no END:VCARD")


def _card(number: int, lines: Sequence[ContentLine]) -> Card:
    found = Properties(number, lines)
    family, given, additional, prefixes, suffixes = next(found.components("N", 5, " "), [""] * 5)
    organisation, *units = found.parts("ORG", ";") or [""]
    spoken = " ".join(part for part in (prefixes, given, additional, family, suffixes) if part)
    names = (name for name in (found.text("FN"), spoken, organisation) if name.strip())
    full_name = next(names, "")
    if not full_name:
        raise CardUnreadable(line=number, problem="the card has neither name nor organisation")
    return Card(
        full_name=full_name,
        family_name=family,
        given_name=given,
        additional_names=additional,
        prefixes=prefixes,
        suffixes=suffixes,
        organisation=organisation,
        units=tuple(units),
        title=found.text("TITLE"),
        emails=tuple(found.labelled("EMAIL", "mailto")),
        phones=tuple(found.labelled("TEL", "tel")),
        addresses=tuple(found.addresses()),
        note=found.text("NOTE"),
        uid=found.text("UID"),
        categories=tuple(word for word in found.parts("CATEGORIES", ",") if word),
    )


def write_cards(cards: Iterable[Card], version: Version = "4.0") -> bytes:
    """Return the cards in UTF-8; `read_cards` gives them back to the letter.

    All line ends in texts become line feeds.
    """
    return "".join(folded(line) for card in cards for line in _lines(card, version)).encode()


def _lines(card: Card, version: Version) -> Iterator[str]:
    name = (
        card.family_name,
        card.given_name,
        card.additional_names,
        card.prefixes,
        card.suffixes,
    )
    yield from ("BEGIN:VCARD", f"VERSION:{version}")
    yield f"FN:{escaped(card.full_name)}"
    yield f"N:{_joined(name)}"
    if card.organisation or card.units:
        yield f"ORG:{_joined((card.organisation, *card.units))}"
    for one in card.emails:
        yield f"EMAIL{_parameters(one, version)}:{escaped(one.value)}"
    for one in card.phones:
        yield f"TEL{_parameters(one, version)}:{escaped(one.value)}"
    for at in card.addresses:
        parts = ("", "", at.street, at.city, at.region, at.postal_code, at.country)
        yield f"ADR{_parameters(at, version)}:{_joined(parts)}"
    yield from _texts(card, version)
    yield "END:VCARD"


def _texts(card: Card, version: Version) -> Iterator[str]:
    if card.title:
        yield f"TITLE:{escaped(card.title)}"
    if card.note:
        yield f"NOTE:{escaped(card.note)}"
    if card.categories:
        yield f"CATEGORIES:{','.join(map(escaped, card.categories))}"
    if card.uid:
        # In 4.0 a UID is a URI unless it says that it is text (RFC 6350 §6.7.6).
        is_text = version == "4.0" and not card.uid.startswith("urn:uuid:")
        yield f"UID{';VALUE=text' if is_text else ''}:{escaped(card.uid)}"


def _joined(parts: Iterable[str]) -> str:
    return ";".join(map(escaped, parts))


def _parameters(one: Labelled | PostalAddress, version: Version) -> str:
    kinds = [kind for kind in one.kinds if _KIND.fullmatch(kind)]
    if one.preferred and version == "3.0":
        kinds.append("pref")
    types = f";TYPE={','.join(kinds)}" if kinds else ""
    return types + (";PREF=1" if one.preferred and version == "4.0" else "")
