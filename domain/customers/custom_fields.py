"""Custom fields: what an administrator lets customers, contacts and locations have besides."""

import re
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, NewType
from uuid import UUID

from domain.archiving import Archivable, WasArchived, WasRestored
from domain.base import Change, Created
from domain.checks import KEPT, Kept
from domain.custom_values import Value, checked_value
from domain.errors import Conflict, Invalid, NotFound
from domain.field_rules import FieldRules, checked_rules
from domain.personal import Impersonal
from domain.rules import Line

CustomFieldId = NewType("CustomFieldId", UUID)

SCOPE: Final = "custom_field.key"
"""The scope of the names of custom fields."""

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


class CustomFieldNotFound(NotFound):
    """There is no custom field {id}."""


class CustomFieldArchived(Conflict):
    """The custom field {id} is archived; restore it first."""


class CustomFieldKeyInvalid(Invalid):
    """`{name}` takes up to 40 small letters, digits and underscores, a letter first: not {value!r}."""  # noqa: E501 - one sentence


class CustomFieldKindFixed(Invalid):
    """The custom field holds `{kind}` for good, values may be there; archive it, define another."""

    field = "rules.kind"


class CustomFieldUnknown(Invalid):
    """`{name}`: a {record_kind} has no such custom field; an administrator may define it under /custom-fields."""  # noqa: E501 - one sentence


class CustomFieldOutOfUse(Conflict):
    """`{name}`: the custom field {id} is archived; restore it, or leave the value out."""


class RecordKind(StrEnum):
    """Which kind of record has the field."""

    CUSTOMER = "customer"
    CONTACT = "contact"
    LOCATION = "location"


def require_key(name: str, value: str) -> str:
    """Return the key as it is; raises `CustomFieldKeyInvalid`."""
    if not _KEY.fullmatch(value):
        raise CustomFieldKeyInvalid(name=name, value=value)
    return value


def named(record_kind: RecordKind, key: str) -> str:
    """Return the name that only one custom field may bear: a kind has no two fields of one key."""
    return f"{record_kind} {key}"


DEFINED: Final = Impersonal("Administrators define it for all records of a kind.")
Label = Annotated[str, Line(100), DEFINED]
Rules = Annotated[FieldRules, checked_rules, DEFINED]


class CustomField(Archivable):
    """A field that records of one kind may have; what it is called, and what it takes."""

    TOPIC = "custom_field"
    MISSING = CustomFieldNotFound
    ARCHIVED = CustomFieldArchived

    record_kind: RecordKind
    key: str
    """What values are stored under; it never changes."""
    label_de: str
    label_en: str
    rules: FieldRules

    class Defined(Created):
        """The field was defined."""

        TOPIC = "custom_field.defined"
        record_kind: RecordKind
        key: Annotated[str, require_key, DEFINED]
        label_de: Label
        label_en: Label
        rules: Rules

    class Changed(Change):
        """The field is called otherwise; what stays is not named."""

        TOPIC = "custom_field.changed"
        label_de: Label | Kept = KEPT
        label_en: Label | Kept = KEPT

    class RulesChanged(Change):
        """The field takes other values from now on; those that are there stay."""

        TOPIC = "custom_field.rules_changed"
        rules: Rules

    class Archived(WasArchived):
        """The field takes no more values; those that are there stay."""

        TOPIC = "custom_field.archived"

    class Restored(WasRestored):
        """The field takes values again."""

        TOPIC = "custom_field.restored"

    def change_rules(self, rules: FieldRules, *, at: datetime) -> None:
        """Let the field take other values of its kind; raises `CustomFieldKindFixed`."""
        if rules.kind is not self.rules.kind:
            raise CustomFieldKindFixed(kind=self.rules.kind)
        self.change(self.RulesChanged, at, rules=rules)

    def names(self) -> Iterable[tuple[str, str]]:
        """Return the kind of record and the key: no two fields of a kind share one."""
        return [(SCOPE, named(self.record_kind, self.key))]


def value_for(field: CustomField | None, record_kind: RecordKind, key: str, value: object) -> Value:
    """Return the value as a record of this kind keeps it under the key; None takes it away.

    `field` is the one that bears the key, if any does. Raises `CustomFieldUnknown`,
    `CustomFieldOutOfUse` and what `checked_value` refuses, each about `values.<key>`.
    """
    name = f"values.{key}"
    # Who looks a name up does not tell capitals from small letters; a key has no capitals.
    if field is None or field.key != key:
        raise CustomFieldUnknown(name=name, record_kind=record_kind)
    if field.archived:
        raise CustomFieldOutOfUse(name=name, id=field.id)
    return checked_value(field.rules, name, value)
