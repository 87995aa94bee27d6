"""Customers as a table."""

from typing import Any, Final

from commands.context import Command
from commands.customers.custom_values import SetCustomerFields
from commands.customers.customers import (
    ArchiveCustomer,
    ChangeCustomer,
    HoldCustomer,
    RegisterCustomer,
    RestoreCustomer,
    ResumeCustomer,
    WinCustomer,
)
from commands.exchange.columns import Column
from commands.exchange.fields import Field, one_of, whole_number
from commands.exchange.sheet import ADDRESS, ID, Sheet, StatusUnreachable, Values, text, words
from domain.customers.custom_fields import RecordKind
from domain.customers.customers import Customer
from domain.customers.standing import Status
from domain.values import CustomerId

HELD: Final = "So the imported file says."
"""Why work for a customer is held, where only a file tells it."""

LANGUAGES: Final = {
    **{code: code for code in ("de", "en", "fr", "it")},
    "Deutsch": "de",
    "Englisch": "en",
    "Französisch": "fr",
    "Italienisch": "it",
}
STATUSES: Final = {
    **{status.value: status.value for status in Status},
    "Interessent": "prospect",
    "aktiv": "active",
    "pausiert": "on_hold",
    "ehemalig": "former",
}
FIELDS: Final = (
    ID,
    Field("number", Column("number", ("Nummer", "Kundennummer", "Nr.")), whole_number),
    text("name", "name", "Firma", "Kunde", "Company", required=True),
    text("trade_name", "trade_name", "Handelsname", "Kurzname"),
    text("register_entry.court", "register_court", "Registergericht"),
    text("register_entry.number", "register_number", "Registernummer", "HRB"),
    *ADDRESS,
    words("email_domains", "email_domains", "E-Mail-Domains", "Domains"),
    Field("status", Column("status", ("Zustand",)), one_of(STATUSES)),
    Field("language", Column("language", ("Sprache",)), one_of(LANGUAGES)),
    text("vat_id", "vat_id", "USt-IdNr.", "UID", "VAT number"),
    Field("currency", Column("currency", ("Währung",)), one_of({"EUR": "EUR", "CHF": "CHF"})),
    Field("payment_days", Column("payment_days", ("Zahlungsziel",)), whole_number),
    text("invoice_email", "invoice_email", "Rechnungs-E-Mail"),
    words("tags", "tags", "Schlagworte"),
    text("notes", "notes", "Notizen", "Bemerkung"),
    Field(
        "account_manager_id",
        Column("account_manager", ("Betreuer",)),
        shown="account_manager.email",
        scope="user.email",
    ),
    Field(
        "parent_id",
        Column("parent", ("Übergeordnet", "Mutter")),
        shown="parent.number",
        scope="customer.number",
    ),
)


def _bears(values: Values) -> tuple[str, str] | None:
    return ("customer.number", str(values["number"])) if "number" in values else None


def _first(customer: Any, wanted: str) -> list[Command]:
    if customer.status is Status.FORMER and wanted != Status.FORMER:
        return [RestoreCustomer(customer_id=customer.id)]
    return []


def _last(customer: Any, wanted: str) -> list[Command]:
    id = CustomerId(customer.id)
    hold = HoldCustomer(customer_id=id, reason=HELD)
    match customer.status, wanted:
        case status, _ if status == wanted:
            return []
        case _, Status.FORMER:
            return [ArchiveCustomer(customer_id=id)]
        case Status.PROSPECT, Status.ACTIVE:
            return [WinCustomer(customer_id=id)]
        case Status.PROSPECT, Status.ON_HOLD:
            return [WinCustomer(customer_id=id), hold]
        case Status.ACTIVE, Status.ON_HOLD:
            return [hold]
        case Status.ON_HOLD, Status.ACTIVE:
            return [ResumeCustomer(customer_id=id)]
        case _:
            raise StatusUnreachable(status=customer.status.value, wanted=wanted)


CUSTOMERS: Final = Sheet(
    name="customers",
    kind=Customer,
    fields=FIELDS,
    add=RegisterCustomer,
    change=ChangeCustomer,
    record_kind=RecordKind.CUSTOMER,
    customize=SetCustomerFields,
    bears=_bears,
    fixed=("number",),
    end=Status.FORMER.value,
    first=_first,
    last=_last,
)
