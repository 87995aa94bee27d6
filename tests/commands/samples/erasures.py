"""One sample of every command about erasures."""

from commands.people.erasures import EraseSubject
from domain.people.erasures import Erasure, ErasureBasis, SubjectKind
from tests.commands.samples.sample import Sample
from tests.given import CONTACT, contact_added, customer_registered

SAMPLES = (
    Sample(
        Erasure,
        (customer_registered, contact_added),
        EraseSubject(
            subject_id=CONTACT, subject_kind=SubjectKind.CONTACT, basis=ErasureBasis.REQUEST
        ),
        ("erasure.ordered", "contact.archived"),
    ),
)
