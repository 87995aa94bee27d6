"""One sample of every command about custom fields and their values, in the order of the table."""

from commands.customers.custom_fields import (
    ArchiveCustomField,
    ChangeCustomField,
    DefineCustomField,
    RestoreCustomField,
    Rules,
)
from commands.customers.custom_values import SetCustomerFields
from domain.customers.custom_fields import SCOPE, CustomField, RecordKind
from domain.customers.customers import Customer
from domain.field_rules import FieldKind
from domain.reservations import reservation_id
from tests.commands.samples.sample import Sample
from tests.given import (
    CUSTOM_FIELD,
    CUSTOMER,
    claimed,
    custom_field_archived,
    custom_field_defined,
    customer_registered,
)

SEATS_CLAIMED = claimed(
    originator_id=reservation_id(SCOPE, "customer seats"),
    scope=SCOPE,
    key="customer seats",
    holder=CUSTOM_FIELD,
)
"""The key of the field in `tests.given` is reserved for it."""

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
        (custom_field_defined, SEATS_CLAIMED),
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
        (customer_registered, custom_field_defined, SEATS_CLAIMED),
        SetCustomerFields(customer_id=CUSTOMER, values={"seats": 12}),
        ("customer.customized",),
    ),
)
