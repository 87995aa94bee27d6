"""Facts of erasures: one of every event."""

from datetime import date

from domain.people.erasures import Erasure, ErasureBasis, KeptKey, SubjectKind
from domain.personal import Retention
from tests.given.facts import Fact
from tests.given.ids import CONTACT, CUSTOMER, TICKET

erasure_ordered = Fact(
    Erasure.Ordered,
    {
        "subject_id": CONTACT,
        "subject_kind": SubjectKind.CONTACT,
        "basis": ErasureBasis.REQUEST,
    },
)
erasure_reordered = Fact(Erasure.Reordered, {"basis": ErasureBasis.TERM})
erasure_carried_out = Fact(
    Erasure.CarriedOut,
    {
        "subjects": (CONTACT, TICKET),
        "keys_destroyed": 2,
        "kept": (KeptKey(CUSTOMER, Retention.BOOKS, date(2034, 12, 31)),),
        "plain_events": 3,
    },
)
