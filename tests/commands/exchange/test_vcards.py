"""Contacts as vCards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.exchange.cards import Card, Labelled, PostalAddress
from commands.exchange.content_lines import CardUnreadable
from commands.exchange.texts import FileNotText, FileTooLarge
from commands.exchange.vcards import TooManyCards, Version, read_cards, write_cards
from domain.errors import Invalid


def read(text: str, encoding: str = "utf-8") -> list[Card]:
    return list(read_cards(text.replace("\n", "\r\n").encode(encoding)))


def card(*lines: str, version: str = "4.0") -> Card:
    (only,) = read("\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""]))
    return only


ADA = Card(
    full_name="Dr. Ada Zürn",
    family_name="Zürn",
    given_name="Ada",
    prefixes="Dr.",
    organisation="Acme; Söhne, GmbH",
    units=("IT",),
    title="Leiterin IT",
    emails=(Labelled("ada@acme.example", ("work",), preferred=True),),
    phones=(Labelled("+49 30 901820", ("work", "voice")), Labelled("+49 171 1234567", ("cell",))),
    addresses=(PostalAddress("Hauptstr. 1\nHof, links", "Berlin", "", "10115", "DE", ("work",)),),
    note="Ruft zurück: \\o/\nDurchwahl 12",
    uid="urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1",
    categories=("Kunde", "A, B"),
)


def test_a_card_of_version_4_is_read() -> None:
    found = card(
        "FN:Dr. Ada Zürn",
        "N:Zürn;Ada;;Dr.;",
        r"ORG:Acme\; Söhne\, GmbH;IT",
        "TITLE:Leiterin IT",
        "EMAIL;TYPE=work;PREF=1:ada@acme.example",
        'TEL;VALUE=uri;TYPE="work,voice":tel:+49 30 901820',
        "item1.TEL;TYPE=cell;PREF=2:+49 171 1234567",
        r"ADR;TYPE=work:;;Hauptstr. 1\nHof\, links;Berlin;;10115;DE",
        r"NOTE:Ruft zurück: \\o/\nDurchwahl 12",
        "UID:urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1",
        r"CATEGORIES:Kunde,A\, B",
        "X-PHASE:7",
    )

    assert found == ADA


def test_a_card_of_version_3_is_read() -> None:
    found = card(
        "fn:Ada Zürn",
        "n:Zürn;Ada",
        "EMAIL;TYPE=INTERNET;TYPE=pref,WORK:ada@acme.example",
        "TEL;TYPE=CELL,VOICE:+49 171 1234567",
        version="3.0",
    )

    assert found == Card(
        full_name="Ada Zürn",
        family_name="Zürn",
        given_name="Ada",
        emails=(Labelled("ada@acme.example", ("work",), preferred=True),),
        phones=(Labelled("+49 171 1234567", ("cell", "voice")),),
    )


def test_a_card_of_version_2_1_is_read_as_outlook_writes_it() -> None:
    found = card(
        "N;LANGUAGE=de;CHARSET=Windows-1252;ENCODING=QUOTED-PRINTABLE:Z=FCrn;Ada",
        "FN;CHARSET=UTF-8;QUOTED-PRINTABLE:Ada Z=C3=BCrn",
        "TEL;WORK;VOICE:+49 30 901820",
        "ADR;WORK;PREF;ENCODING=QUOTED-PRINTABLE:;;Hauptstr. 1=0D=0AHof;Ber=",
        "lin;;10115;Deutschland",
        r"NOTE:siehe C:\neu\; dringend",
        "PHOTO;TYPE=JPEG;ENCODING=BASE64:",
        " /9j/4AAQSkZJRgABAQEAYABgAAD=",
        "",
        "EMAIL;PREF;INTERNET:ada@acme.example",
        version="2.1",
    )

    assert found == Card(
        full_name="Ada Zürn",
        family_name="Zürn",
        given_name="Ada",
        emails=(Labelled("ada@acme.example", (), preferred=True),),
        phones=(Labelled("+49 30 901820", ("work", "voice")),),
        addresses=(
            PostalAddress(
                "Hauptstr. 1\nHof", "Berlin", "", "10115", "Deutschland", ("work",), preferred=True
            ),
        ),
        note="siehe C:\\neu; dringend",
    )


def test_a_folded_line_is_one_line() -> None:
    assert card("FN:Ada ", " Zü", "\trn", "NOTE:a", "  b").full_name == "Ada Zürn"


def test_lists_in_a_name_and_parts_of_a_street_are_joined() -> None:
    found = card("N:Zürn;Ada;Maria,Luise;;M.Sc.,MBA", "ADR:PF 7;2. OG;Hof 1;Bonn;;53111;DE")

    assert found.additional_names == "Maria Luise"
    assert found.suffixes == "M.Sc. MBA"
    assert found.addresses[0].street == "Hof 1, 2. OG, PF 7"


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["FN:Ada", "N:Zürn;Eva"], "Ada"),
        (["N:Zürn;Ada;;Dr.;MBA"], "Dr. Ada Zürn MBA"),
        (["FN: ", "ORG:Acme;IT"], "Acme"),
    ],
)
def test_a_card_without_full_name_is_called_after_what_it_has(lines: list[str], name: str) -> None:
    assert card(*lines).full_name == name


def test_what_is_empty_is_left_out() -> None:
    found = card("FN:Ada", "EMAIL:", "TEL;TYPE=work:", "ADR:;;;;;;", "CATEGORIES:", "ORG:")

    assert found == Card(full_name="Ada")


def test_a_file_has_several_cards() -> None:
    one = "BEGIN:VCARD\nVERSION:3.0\nFN:Ada\nEND:VCARD\n"

    assert [found.full_name for found in read(one + "\n" + one.replace("Ada", "Eva"))] == [
        "Ada",
        "Eva",
    ]


def test_a_file_may_have_no_cards() -> None:
    assert read("\n") == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_the_first_bytes_say_how_a_file_is_encoded(encoding: str) -> None:
    assert read("BEGIN:VCARD\nVERSION:3.0\nFN:Zürn\nEND:VCARD", encoding)[0].full_name == "Zürn"


def test_an_older_encoding_has_to_be_declared() -> None:
    data = "BEGIN:VCARD\nVERSION:2.1\nFN:Zürn\nEND:VCARD".encode("cp1252")

    assert next(read_cards(data, encoding="cp1252")).full_name == "Zürn"
    with pytest.raises(FileNotText) as refusal:
        read_cards(data)

    assert refusal.value.facts["line"] == 3


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("FN:Ada", 1),
        ("\nBEGIN:VCARD\nVERSION:4.0\nFN:Ada", 2),
        ("BEGIN:VCARD\nVERSION:4.0\nFN:Ada\nBEGIN:VCARD\nEND:VCARD", 4),
        ("END:VCARD", 1),
        ("BEGIN:VCALENDAR", 1),
        ("BEGIN:VCARD\nVERSION:4.0\nFN:Ada\nEND:VEVENT", 4),
        ("BEGIN:VCARD\nFN:Ada\nEND:VCARD", 1),
        ("BEGIN:VCARD\nVERSION:5.0\nFN:Ada\nEND:VCARD", 1),
        ("BEGIN:VCARD\nVERSION:4.0\nEND:VCARD", 1),
        ("BEGIN:VCARD\nVERSION:4.0\nFN:\nN:;;;;\nEND:VCARD", 1),
        ("BEGIN:VCARD\nVERSION:4.0\nFN Ada\nEND:VCARD", 3),
        ('BEGIN:VCARD\nVERSION:4.0\nTEL;TYPE="work:1\nEND:VCARD', 3),
        ("BEGIN:VCARD\nVERSION:2.1\nFN;QUOTED-PRINTABLE;CHARSET=UTF-8:=FC\nEND:VCARD", 3),
        ("BEGIN:VCARD\nVERSION:2.1\nFN;QUOTED-PRINTABLE;CHARSET=none:a\nEND:VCARD", 3),
    ],
)
def test_a_card_that_can_not_be_read_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(CardUnreadable) as refusal:
        read(text)

    assert refusal.value.facts["line"] == line


def test_a_file_has_a_largest_size_and_number_of_cards() -> None:
    data = write_cards([ADA, ADA])

    assert list(read_cards(data, max_bytes=len(data), max_cards=2)) == [ADA, ADA]
    with pytest.raises(FileTooLarge):
        read_cards(data, max_bytes=len(data) - 1)
    with pytest.raises(TooManyCards):
        list(read_cards(data, max_cards=1))


def test_a_card_is_written_in_version_4() -> None:
    assert write_cards([ADA]).decode().split("\r\n") == [
        "BEGIN:VCARD",
        "VERSION:4.0",
        "FN:Dr. Ada Zürn",
        "N:Zürn;Ada;;Dr.;",
        r"ORG:Acme\; Söhne\, GmbH;IT",
        "EMAIL;TYPE=work;PREF=1:ada@acme.example",
        "TEL;TYPE=work,voice:+49 30 901820",
        "TEL;TYPE=cell:+49 171 1234567",
        r"ADR;TYPE=work:;;Hauptstr. 1\nHof\, links;Berlin;;10115;DE",
        "TITLE:Leiterin IT",
        r"NOTE:Ruft zurück: \\o/\nDurchwahl 12",
        r"CATEGORIES:Kunde,A\, B",
        "UID:urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1",
        "END:VCARD",
        "",
    ]


def test_a_card_is_written_in_version_3() -> None:
    written = write_cards([ADA], "3.0").decode().split("\r\n")

    assert "VERSION:3.0" in written
    assert "EMAIL;TYPE=work,pref:ada@acme.example" in written


def test_an_id_that_is_no_uri_says_so_in_version_4() -> None:
    numbered = Card(full_name="Ada", uid="4711")

    assert b"UID;VALUE=text:4711\r\n" in write_cards([numbered], "4.0")
    assert b"UID:4711\r\n" in write_cards([numbered], "3.0")


def test_a_kind_can_not_smuggle_in_a_property() -> None:
    sly = Card(full_name="Ada", emails=(Labelled("a@b.example", ("work", "x:\r\nNOTE")),))

    assert b"EMAIL;TYPE=work:a@b.example\r\n" in write_cards([sly])


def test_no_line_is_longer_than_75_octets_and_no_letter_torn_apart() -> None:
    long = Card(full_name="Ü" * 100, note="x" * 74 + "日本" * 60)

    lines = write_cards([long]).split(b"\r\n")

    assert max(map(len, lines)) <= 75
    assert all(line.decode() is not None for line in lines)
    assert list(read_cards(write_cards([long]))) == [long]


TEXTS = st.text(
    st.sampled_from('\\;,:\n "=nN') | st.characters(codec="utf-8", exclude_characters="\0\r"),
    max_size=12,
)
FILLED = TEXTS.filter(str.strip)
KINDS = st.lists(st.sampled_from(["work", "home", "cell", "voice"]), unique=True).map(tuple)
LABELLED = st.lists(st.builds(Labelled, FILLED, KINDS, st.booleans()), max_size=2).map(tuple)
ADDRESSES = st.lists(
    st.builds(PostalAddress, FILLED, *[TEXTS] * 4, KINDS, st.booleans()), max_size=2
).map(tuple)
CARDS = st.builds(
    Card,
    full_name=FILLED,
    family_name=TEXTS,
    given_name=TEXTS,
    additional_names=TEXTS,
    prefixes=TEXTS,
    suffixes=TEXTS,
    organisation=TEXTS,
    units=st.lists(FILLED, max_size=2).map(tuple),
    title=TEXTS,
    emails=LABELLED,
    phones=LABELLED,
    addresses=ADDRESSES,
    note=TEXTS,
    uid=TEXTS,
    categories=st.lists(FILLED, max_size=2).map(tuple),
)


@given(st.lists(CARDS, max_size=2), st.sampled_from(["3.0", "4.0"]))
def test_what_was_written_is_read_to_the_letter(cards: list[Card], version: Version) -> None:
    assert list(read_cards(write_cards(cards, version))) == cards


LINES = st.sampled_from(
    ["BEGIN:VCARD", "VERSION:2.1", "VERSION:4.0", "END:VCARD", "FN:Ada", "N:;;", "TEL;:=", "ADR:"]
)


@given(st.lists(LINES | TEXTS).map("\n".join).map(str.encode) | st.binary(max_size=40))
def test_any_file_is_read_or_refused_by_name(data: bytes) -> None:
    try:
        cards = list(read_cards(data))
    except Invalid:
        return

    assert all(found.full_name.strip() for found in cards)
