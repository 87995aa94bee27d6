"""Facts of contacts: one of every event."""

from domain.customers.contacts import Contact
from domain.customers.particulars import Language
from domain.customers.people import ContactRole, Salutation
from domain.values import EmailAddress, PhoneNumber
from tests.given.facts import Fact
from tests.given.ids import CUSTOMER, LOCATION, OTHER_CONTACT, OTHER_LOCATION

contact_added = Fact(
    Contact.Added,
    {
        "customer_id": CUSTOMER,
        "name": "Ada Zürn",
        "title": "Dr.",
        "salutation": Salutation.MS,
        "job_title": "Head of purchasing",
        "roles": (ContactRole.MAIN, ContactRole.TECHNICAL),
        "emails": (EmailAddress("ada@acme.example", "work"),),
        "phones": (PhoneNumber("+4930901820", "desk"), PhoneNumber("+491701234567")),
        "location_id": LOCATION,
        "language": Language.GERMAN,
        "notes": "Prefers to be called.",
        "do_not_contact": True,
    },
)
contact_changed = Fact(
    Contact.Changed,
    {
        "name": "Ada Li",
        "title": "Prof.",
        "salutation": Salutation.NONE,
        "job_title": "Director",
        "emails": (EmailAddress("ada.li@acme.example"), EmailAddress("li@home.example", "home")),
        "phones": (PhoneNumber("+41446681800", "desk"),),
        "language": Language.ENGLISH,
        "notes": "Prefers to be written to.",
    },
)
roles_changed = Fact(Contact.RolesChanged, {"roles": (ContactRole.BILLING,)})
contact_relocated = Fact(Contact.LocationChanged, {"location_id": OTHER_LOCATION})
permission_changed = Fact(Contact.PermissionChanged, {"do_not_contact": False})
contact_archived = Fact(Contact.Archived)
contact_restored = Fact(Contact.Restored)
contact_customized = Fact(Contact.Customized, {"values": {"shoe": "43", "vip": True}})
contact_merged = Fact(Contact.Merged, {"into": OTHER_CONTACT})
contact_unmerged = Fact(Contact.Unmerged)
contact_taken_in = Fact(Contact.TakenIn, {"other": OTHER_CONTACT})
contact_given_back = Fact(Contact.GivenBack, {"other": OTHER_CONTACT})
