"""What the demo provider knows of its customers besides: custom fields, and who talked to whom."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final, NamedTuple
from uuid import UUID

from domain.custom_values import Value
from domain.customers.custom_fields import CustomField, RecordKind
from domain.customers.interactions import (
    Direction,
    Interaction,
    InteractionId,
    InteractionKind,
)
from domain.field_rules import FieldKind, FieldRules
from domain.values import CustomerId, UserId

_LEVELS: Final = ("Bronze", "Silber", "Gold")

FIELDS: Final = (
    ("cost_centre", "Kostenstelle", "Cost centre", FieldRules(FieldKind.TEXT, max_length=20)),
    (
        "service_level",
        "Servicestufe",
        "Service level",
        FieldRules(FieldKind.CHOICE, required=True, choices=_LEVELS),
    ),
    (
        "workplaces",
        "Arbeitsplätze",
        "Workplaces",
        FieldRules(FieldKind.INTEGER, minimum=Decimal(0), maximum=Decimal(10_000)),
    ),
)
"""The custom fields of the demo's customers: key, labels and rules."""


class Talk(NamedTuple):
    """Something that is said or written again and again."""

    kind: InteractionKind
    direction: Direction
    minutes: int | None
    subject: str
    text: str


_CALL, _MAIL = InteractionKind.CALL, InteractionKind.EMAIL
_IN, _OUT = Direction.INBOUND, Direction.OUTBOUND

TALKS: Final = (
    Talk(_CALL, _IN, 12, "Frage zur letzten Rechnung", "Position 3 war unklar; ist erklärt."),
    Talk(_CALL, _OUT, 8, "Rückfrage zum Wartungsfenster", "Samstag ab 14 Uhr passt."),
    Talk(_MAIL, _OUT, None, "Angebot für neue Notebooks", "Zehn Geräte, Lieferung in zwei Wochen."),
    Talk(_MAIL, _IN, None, "Bitte um ein Angebot für ein zweites WLAN", "Für Gäste, getrennt."),
    Talk(
        InteractionKind.MEETING,
        Direction.NONE,
        60,
        "Quartalsgespräch",
        "Zufrieden mit der Reaktionszeit. Wunsch: ein fester Ansprechpartner am Freitag.",
    ),
    Talk(
        InteractionKind.VISIT,
        _OUT,
        150,
        "Rundgang durch den Serverraum",
        "Die Klimaanlage ist laut, die Temperatur stimmt. USV-Akkus nächstes Jahr tauschen.",
    ),
    Talk(
        InteractionKind.NOTE,
        Direction.NONE,
        None,
        "Umbau geplant",
        "Im Herbst kommt ein Anbau dazu; vorher die Verkabelung ansprechen.",
    ),
)


def custom_fields(id_of: Callable[[str], UUID], at: datetime) -> Iterator[CustomField]:
    """Yield the fields, newly defined; `id_of` draws the id that a name stands for."""
    for key, label_de, label_en, rules in FIELDS:
        yield CustomField.begin(
            id_of(f"custom field {key}"),
            CustomField.Defined,
            at,
            record_kind=RecordKind.CUSTOMER,
            key=key,
            label_de=label_de,
            label_en=label_en,
            rules=rules,
        )


def values_of(ordinal: int) -> dict[str, Value]:
    """Return the values of one of the customers; every fourth has none."""
    if ordinal % 4 == 3:  # noqa: PLR2004 - counted from 0
        return {}
    return {
        "cost_centre": f"{4100 + 10 * ordinal}",
        "service_level": _LEVELS[ordinal % len(_LEVELS)],
        "workplaces": 5 + ordinal * 7 % 60,
    }


def talks(
    customers: Sequence[CustomerId],
    staff: Sequence[UserId],
    id_of: Callable[[str], UUID],
    *,
    begun: datetime,
    until: datetime,
) -> Iterator[tuple[datetime, UserId, Interaction]]:
    """Yield three to six interactions of each customer: when and by whom they were recorded."""
    for customer_id in customers:
        # A chance of its own: whoever comes to the story later does not change what is told here.
        random = Random(str(customer_id))  # noqa: S311 - a story, not a secret
        for ordinal, talk in enumerate(random.sample(TALKS, random.randint(3, 6))):
            happened_at = _at_work(random, begun, until)
            at = happened_at + timedelta(minutes=(talk.minutes or 0) + 5)
            new = InteractionId(id_of(f"talk {ordinal} with {customer_id}"))
            facts = talk._asdict()
            told = Interaction.write_down(
                new, customer_id=customer_id, happened_at=happened_at, **facts, at=at
            )
            yield at, random.choice(staff), told


def _at_work(random: Random, begun: datetime, until: datetime) -> datetime:
    """Return a moment between eight and fifteen o'clock, from Monday to Friday."""
    days = (until - begun).days - 1
    while True:
        day = begun + timedelta(days=random.randint(1, days))
        if day.weekday() < 5:  # noqa: PLR2004 - Monday to Friday
            at = day.replace(hour=0, minute=0, second=0, microsecond=0)
            return at + timedelta(minutes=random.randrange(8 * 60, 15 * 60))
