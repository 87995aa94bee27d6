"""One sample of every command about contacts."""

from commands.customers.contacts import (
    AddContact,
    ArchiveContact,
    ChangeContact,
    MergeContact,
    RestoreContact,
    UnmergeContact,
)
from domain.customers.contacts import Contact
from domain.customers.people import ContactRole
from domain.values import EmailAddress, PhoneNumber
from tests.commands.samples.sample import Sample
from tests.given import (
    CONTACT,
    CUSTOMER,
    LOCATION,
    OTHER_CONTACT,
    contact_added,
    contact_archived,
    contact_merged,
    contact_taken_in,
    customer_registered,
    location_registered,
)

_OTHER = contact_added(originator_id=OTHER_CONTACT)

SAMPLES = (
    Sample(
        Contact,
        (customer_registered, location_registered),
        AddContact(
            customer_id=CUSTOMER,
            name="Ada Zürn",
            roles=[ContactRole.MAIN],
            emails=[EmailAddress("ada@acme.example")],
            phones=[PhoneNumber("+49 30 901820")],
            location_id=LOCATION,
        ),
        ("contact.added",),
    ),
    Sample(
        Contact,
        (contact_added,),
        ChangeContact(
            contact_id=CONTACT,
            name="Ada Li",
            roles=[ContactRole.BILLING],
            location_id=None,
            do_not_contact=False,
        ),
        (
            "contact.changed",
            "contact.roles_changed",
            "contact.location_changed",
            "contact.permission_changed",
        ),
    ),
    Sample(Contact, (contact_added,), ArchiveContact(contact_id=CONTACT), ("contact.archived",)),
    Sample(
        Contact,
        (contact_added, contact_archived),
        RestoreContact(contact_id=CONTACT),
        ("contact.restored",),
    ),
    Sample(
        Contact,
        (contact_added, _OTHER),
        MergeContact(contact_id=CONTACT, into=OTHER_CONTACT),
        ("contact.merged", "contact.taken_in"),
    ),
    Sample(
        Contact,
        (
            contact_added,
            contact_merged,
            _OTHER,
            contact_taken_in(originator_id=OTHER_CONTACT, other=CONTACT),
        ),
        UnmergeContact(contact_id=CONTACT),
        ("contact.unmerged", "contact.given_back"),
    ),
)
