"""One sample of every command about custom fields and their values."""

from commands.customers.custom_fields import (
    ArchiveCustomField,
    ChangeCustomField,
    DefineCustomField,
    RestoreCustomField,
    Rules,
)
from commands.customers.custom_values import (
    SetContactFields,
    SetCustomerFields,
    SetLocationFields,
)
from domain.customers.contacts import Contact
from domain.customers.custom_fields import SCOPE, CustomField, RecordKind, named
from domain.customers.customers import Customer
from domain.customers.locations import Location
from domain.field_rules import FieldKind
from domain.reservations import reservation_id
from tests.commands.samples.sample import Sample
from tests.given import (
    CONTACT,
    CUSTOM_FIELD,
    CUSTOMER,
    LOCATION,
    Fact,
    claimed,
    contact_added,
    custom_field_archived,
    custom_field_defined,
    customer_registered,
    location_registered,
)


def seats_of(record_kind: RecordKind) -> tuple[Fact, Fact]:
    """Return how the field of `tests.given` is defined for a kind of record, and its key taken."""
    name = named(record_kind, "seats")
    stream = reservation_id(SCOPE, name)
    taken = claimed(originator_id=stream, scope=SCOPE, key=name, holder=CUSTOM_FIELD)
    return custom_field_defined(record_kind=record_kind), taken


SAMPLES = (
    Sample(
        CustomField,
        (),
        DefineCustomField(
            record_kind=RecordKind.CUSTOMER,
            key="cost_centre",
            label_de="Kostenstelle",
            label_en="Cost centre",
            rules=Rules(kind=FieldKind.TEXT, required=True, max_length=20),
        ),
        ("custom_field.defined", "reservation.claimed"),
    ),
    Sample(
        CustomField,
        seats_of(RecordKind.CUSTOMER),
        ChangeCustomField(
            custom_field_id=CUSTOM_FIELD,
            label_en="Number of seats",
            rules=Rules(kind=FieldKind.NUMBER, scale=0),
        ),
        ("custom_field.changed", "custom_field.rules_changed"),
    ),
    Sample(
        CustomField,
        (custom_field_defined,),
        ArchiveCustomField(custom_field_id=CUSTOM_FIELD),
        ("custom_field.archived",),
    ),
    Sample(
        CustomField,
        (custom_field_defined, custom_field_archived),
        RestoreCustomField(custom_field_id=CUSTOM_FIELD),
        ("custom_field.restored",),
    ),
    Sample(
        Customer,
        (customer_registered, *seats_of(RecordKind.CUSTOMER)),
        SetCustomerFields(customer_id=CUSTOMER, values={"seats": 12}),
        ("customer.customized",),
    ),
    Sample(
        Location,
        (location_registered, *seats_of(RecordKind.LOCATION)),
        SetLocationFields(location_id=LOCATION, values={"seats": 12}),
        ("location.customized",),
    ),
    Sample(
        Contact,
        (contact_added, *seats_of(RecordKind.CONTACT)),
        SetContactFields(contact_id=CONTACT, values={"seats": 12}),
        ("contact.customized",),
    ),
)
