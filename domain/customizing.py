"""Custom fields of a record: values by the field's key, checked by whoever knows the fields."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Annotated, Any, ClassVar

from domain.base import AggregateRoot, Event
from domain.custom_values import Value
from domain.personal import Personal


class WasCustomized(Event):
    """Custom fields have other values; those that changed are named, null where there is none."""

    values: Annotated[dict[str, Value], Personal()]

    def apply(self, record: Any) -> None:
        after = record.custom | self.values
        record.custom = {key: value for key, value in after.items() if value is not None}


class Customizable(AggregateRoot, abstract=True):
    """A record that has custom fields."""

    custom: dict[str, Value] = field(default_factory=dict, kw_only=True)

    Customized: ClassVar[type[WasCustomized]]

    def customize(self, values: Mapping[str, Value], *, at: datetime) -> None:
        """Give custom fields these values, None for none; the values are checked already."""
        self.require_changeable()
        news = {key: value for key, value in values.items() if self.custom.get(key) != value}
        if news:
            self.record(self.Customized, at, values=news)
