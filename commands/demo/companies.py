"""The demo provider's customers, and one that may become one."""

from datetime import datetime
from typing import NamedTuple

from domain.customers.customers import Customer
from domain.customers.particulars import Currency, Language, RegisterEntry
from domain.customers.standing import Status
from domain.values import Address, CustomerId


class Company(NamedTuple):
    """A customer of the demo provider."""

    name: str
    domain: str
    street: str
    postal_code: str
    city: str
    country: str
    trade_name: str
    vat_id: str
    """Made up, with a check digit that fits."""
    register_entry: tuple[str, str]
    """Court and number; both empty for who is in no register."""
    days: int
    """To pay a bill in."""
    tags: tuple[str, ...]
    language: Language = Language.GERMAN

    def registered(self, id: CustomerId, *, number: int, status: Status, at: datetime) -> Customer:
        """Return the customer, with all that is known of it."""
        customer = Customer.begin(
            id,
            Customer.Registered,
            at,
            number=number,
            name=self.name,
            address=Address(self.street, self.postal_code, self.city, self.country),
            email_domains=(self.domain,),
            status=status,
        )
        customer.change(
            Customer.Changed,
            at,
            trade_name=self.trade_name,
            register_entry=RegisterEntry(*self.register_entry),
            language=self.language,
        )
        customer.change(
            Customer.BillingChanged,
            at,
            vat_id=self.vat_id,
            currency=Currency.CHF if self.country == "CH" else Currency.EUR,
            payment_days=self.days,
            invoice_email=f"rechnung@{self.domain}",
        )
        customer.change(Customer.Tagged, at, tags=self.tags)
        return customer


NOWHERE = ("", "")

COMPANIES = (
    Company(
        "Bäckerei Huber GmbH", "baeckerei-huber.example", "Marktplatz 4", "83022", "Rosenheim",
        "DE", "Huber Brot", "DE226018159", ("Amtsgericht Traunstein", "HRB 10417"), 14,
        ("handwerk", "wartung"),
    ),
    Company(
        "Kanzlei Dr. Steiner & Partner", "steiner-recht.example", "Kärntner Ring 12", "1010",
        "Wien", "AT", "Steiner Recht", "ATU90996030", NOWHERE, 30, ("kanzlei", "vip"),
    ),
    Company(
        "Zahnarztpraxis Lindenhof", "zahnarzt-lindenhof.example", "Lindenhofstrasse 8", "8001",
        "Zürich", "CH", "Zahnzentrum Lindenhof", "CHE-148.525.388 MWST", NOWHERE, 30,
        ("gesundheit",),
    ),
    Company(
        "Metallbau Krüger KG", "metallbau-krueger.example", "Industriestraße 27", "44147",
        "Dortmund", "DE", "Krüger Metall", "DE272492086", ("Amtsgericht Dortmund", "HRA 8254"),
        14, ("handwerk",),
    ),
    Company(
        "Autohaus Brandl", "autohaus-brandl.example", "Münchner Straße 101", "84030", "Landshut",
        "DE", "Brandl Mobil", "DE340931925", ("Amtsgericht Landshut", "HRA 3127"), 14,
        ("handel",),
    ),
    Company(
        "Spedition Nordlicht", "nordlicht-spedition.example", "Hafenstraße 3", "24103", "Kiel",
        "DE", "Nordlicht Logistik", "DE177642656", ("Amtsgericht Kiel", "HRB 6630"), 30,
        ("logistik", "schicht"), Language.ENGLISH,
    ),
    Company(
        "Hotel Alpenrose", "alpenrose.example", "Dorfstraße 1", "6100", "Seefeld", "AT",
        "Alpenrose Seefeld", "ATU04234685", ("Landesgericht Innsbruck", "FN 214587 k"), 14,
        ("gastgewerbe", "saison"),
    ),
    Company(
        "Treuhand Aare AG", "treuhand-aare.example", "Bahnhofstrasse 19", "5000", "Aarau", "CH",
        "Aare Treuhand", "CHE-108.227.654 MWST", ("Handelsregister Aargau", "CH-400.3.021.114-8"),
        30, ("vip", "wartung"),
    ),
    Company(
        "Gärtnerei Morgentau", "morgentau.example", "Am Anger 6", "99084", "Erfurt", "DE",
        "Morgentau Grün", "DE331436676", NOWHERE, 14, ("handwerk",),
    ),
    Company(
        "Architekturbüro Feldmann", "feldmann-architektur.example", "Ludwigstraße 15", "70176",
        "Stuttgart", "DE", "Feldmann Architektur", "DE300847453", NOWHERE, 21, ("planung",),
        Language.ENGLISH,
    ),
    Company(
        "Pflegedienst Sonnenhof", "pflege-sonnenhof.example", "Kirchweg 22", "01067", "Dresden",
        "DE", "Sonnenhof Pflege", "DE370107375", ("Amtsgericht Dresden", "HRB 22871"), 30,
        ("gesundheit", "schicht"),
    ),
    Company(
        "Weingut Pichler", "weingut-pichler.example", "Kellergasse 9", "3601", "Dürnstein", "AT",
        "Pichler Wein", "ATU01995305", NOWHERE, 14, ("saison",), Language.ITALIAN,
    ),
    Company(
        "Druckerei Farbwerk", "farbwerk-druck.example", "Gutenbergstraße 5", "55116", "Mainz",
        "DE", "Farbwerk", "DE361923969", ("Amtsgericht Mainz", "HRB 9082"), 14, ("industrie",),
    ),
    Company(
        "Elektro Wagner OHG", "elektro-wagner.example", "Handwerkerhof 2", "90402", "Nürnberg",
        "DE", "Wagner Elektrik", "DE172930682", ("Amtsgericht Nürnberg", "HRA 5541"), 14,
        ("handwerk", "wartung"),
    ),
    Company(
        "Stadtwerke Aulental", "sw-aulental.example", "Werkstraße 40", "88326", "Aulendorf", "DE",
        "Aulental Energie", "DE217880021", ("Amtsgericht Ulm", "HRB 600412"), 30,
        ("oeffentlich", "vip", "wartung"),
    ),
    Company(
        "Immobilien Rheinblick", "rheinblick-immo.example", "Rheinuferstraße 77", "50668", "Köln",
        "DE", "Rheinblick", "DE159425947", ("Amtsgericht Köln", "HRB 41903"), 21, ("verwaltung",),
    ),
    Company(
        "Sägewerk Tannwald", "saegewerk-tannwald.example", "Waldweg 1", "79848", "Bonndorf", "DE",
        "Tannwald Holz", "DE100954185", ("Amtsgericht Freiburg", "HRA 7716"), 14, ("industrie",),
    ),
    Company(
        "Apotheke am Dom", "apotheke-dom.example", "Domplatz 3", "5020", "Salzburg", "AT",
        "Domapotheke", "ATU83263898", ("Landesgericht Salzburg", "FN 310226 m"), 14,
        ("gesundheit",),
    ),
    Company(
        "Fitnesswerk Basel", "fitnesswerk.example", "Rheingasse 30", "4058", "Basel", "CH",
        "Fitnesswerk", "CHE-189.319.426 MWST", NOWHERE, 30, ("freizeit",), Language.FRENCH,
    ),
    Company(
        "Montessorischule Seeblick", "schule-seeblick.example", "Schulweg 11", "78462",
        "Konstanz", "DE", "Schule Seeblick", "DE183400571", NOWHERE, 30, ("bildung",),
    ),
)  # fmt: skip

PROSPECT = Company(
    "Kletterhalle Überhang GmbH", "kletterhalle.example", "Am Steinbruch 2", "86150", "Augsburg",
    "DE", "Überhang", "DE358278527", ("Amtsgericht Augsburg", "HRB 33560"), 14, ("freizeit",),
)  # fmt: skip
"""Who has asked for an offer."""

DOUBLE = Company(
    "Baeckerei Huber", "huber-brot.example", "Marktplatz 4", "83022", "Rosenheim", "DE",
    "Huber Brot", "DE226018159", NOWHERE, 14, ("handwerk",),
)  # fmt: skip
"""The first company once more, written down by somebody who did not look whether it is there."""

PROSPECTS = (PROSPECT, DOUBLE)

BELONGS_TO = {"fitnesswerk.example": "treuhand-aare.example"}
"""Which customer belongs to which other one, by their domains."""

ON_HOLD = ("autohaus-brandl.example", "Drei Rechnungen sind seit zwei Monaten offen.")
"""Whom the provider does not work for at the moment, and why."""
