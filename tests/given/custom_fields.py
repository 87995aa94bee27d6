"""Facts of custom fields: one of every event."""

from decimal import Decimal

from domain.customers.custom_fields import CustomField, CustomFieldId, RecordKind
from domain.field_rules import FieldKind, FieldRules
from tests.given.facts import Fact
from tests.given.ids import stream_of

CUSTOM_FIELD = CustomFieldId(stream_of(CustomField.TOPIC))

custom_field_defined = Fact(
    CustomField.Defined,
    {
        "record_kind": RecordKind.CUSTOMER,
        "key": "seats",
        "label_de": "Arbeitsplätze",
        "label_en": "Seats",
        "rules": FieldRules(FieldKind.NUMBER, minimum=Decimal(0), maximum=Decimal("999.5")),
    },
)
custom_field_changed = Fact(
    CustomField.Changed, {"label_de": "Anzahl Arbeitsplätze", "label_en": "Number of seats"}
)
custom_field_rules_changed = Fact(
    CustomField.RulesChanged,
    {"rules": FieldRules(FieldKind.NUMBER, required=True, minimum=Decimal(1), scale=0)},
)
custom_field_archived = Fact(CustomField.Archived)
custom_field_restored = Fact(CustomField.Restored)
