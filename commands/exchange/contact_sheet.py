"""Contacts as a table, and as vCards."""

from collections.abc import Mapping
from typing import Any, Final

from commands.customers.contacts import AddContact, ArchiveContact, ChangeContact, RestoreContact
from commands.customers.custom_values import SetContactFields
from commands.exchange.cards import Card, Labelled
from commands.exchange.columns import Column
from commands.exchange.customer_sheet import LANGUAGES
from commands.exchange.fields import Field, joined, labelled, one_of, yes_or_no
from commands.exchange.location_sheet import CUSTOMER
from commands.exchange.sheet import ID, IN_USE, Sheet, Values, archiving, text, words
from commands.exchange.tables import Row
from domain.customers.contacts import Contact
from domain.customers.custom_fields import RecordKind

SALUTATIONS: Final = {"none": "none", "mr": "mr", "ms": "ms", "Herr": "mr", "Frau": "ms"}
FIELDS: Final = (
    ID,
    CUSTOMER,
    text("uid", "uid", "UID"),
    text("name", "name", "Ansprechpartner", "Kontakt", required=True),
    text("title", "title", "Titel"),
    Field("salutation", Column("salutation", ("Anrede",)), one_of(SALUTATIONS)),
    text("job_title", "job_title", "Position", "Funktion"),
    words("roles", "roles", "Rollen"),
    Field("emails", Column("emails", ("E-Mail", "E-Mails", "Email")), *labelled("address")),
    Field("phones", Column("phones", ("Telefon", "Phone")), *labelled("number")),
    Field(
        "location_id",
        Column("location", ("Standort",)),
        shown="location.name",
        scope="location.name",
        within="customer_id",
    ),
    Field("language", Column("language", ("Sprache",)), one_of(LANGUAGES)),
    text("notes", "notes", "Notizen", "Bemerkung"),
    Field(
        "do_not_contact",
        Column("do_not_contact", ("Kontaktsperre",)),
        yes_or_no,
        lambda value: "yes" if value else "no",
    ),
    IN_USE,
)
_URN: Final = "urn:uuid:"


def _identity(values: Values) -> str:
    """Return what a contact is told from others of its customer by."""
    emails = [email["address"].casefold() for email in values.get("emails", ())]
    known = [values.get("id"), values.get("uid"), *emails, values["name"].casefold()]
    return f"{values['customer_id']} {next(one for one in known if one)}"


CONTACTS: Final = Sheet(
    name="contacts",
    kind=Contact,
    fields=FIELDS,
    add=AddContact,
    change=ChangeContact,
    record_kind=RecordKind.CONTACT,
    customize=SetContactFields,
    bears=lambda _: None,
    identity=_identity,
    fixed=("customer_id",),
    **archiving(ArchiveContact, RestoreContact, "contact_id"),
)


def row_of(number: int, card: Card, customer: int) -> Row:
    """Return the row of a card of this customer; what the card does not say, the row leaves out."""
    parts = (card.given_name, card.additional_names, card.family_name)
    uid = card.uid.strip()
    whose = {
        "customer": str(customer),
        "name": " ".join(part for part in parts if part) or card.full_name,
    }
    said = {
        "title": card.prefixes,
        "job_title": card.title,
        "emails": _cell(card.emails),
        "phones": _cell(card.phones),
        "notes": card.note,
        "id" if uid.startswith(_URN) else "uid": uid.removeprefix(_URN),
    }
    # An empty cell would empty what the contact has.
    return Row(number, whose | {column: cell for column, cell in said.items() if cell})


def card_of(document: Mapping[str, Any]) -> Card:
    """Return the card of a contact's document."""
    return Card(
        full_name=document["name"],
        prefixes=document["title"],
        organisation=document["customer"]["name"] or "",
        title=document["job_title"],
        emails=_labelled(document["emails"], "address"),
        phones=_labelled(document["phones"], "number"),
        note=document["notes"],
        uid=f"{_URN}{document['id']}",
    )


def _cell(points: tuple[Labelled, ...]) -> str:
    first = sorted(points, key=lambda point: not point.preferred)
    return joined([f"{p.value} ({' '.join(p.kinds)})" if p.kinds else p.value for p in first])


def _labelled(points: list[dict[str, str]], name: str) -> tuple[Labelled, ...]:
    return tuple(
        Labelled(point[name], tuple(point["label"].lower().split()), preferred=not place)
        for place, point in enumerate(points)
    )
