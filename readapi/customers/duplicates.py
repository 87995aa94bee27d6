"""What may be the same, as it is proposed to staff: of one record, and of a whole kind."""

from functools import partial
from typing import Annotated, Final, Literal

from msgspec import Meta

from domain.actors import READERS
from readapi.context import Context
from readapi.customers.contact_duplicates import DOUBLES as CONTACTS
from readapi.customers.customer_duplicates import DOUBLES as CUSTOMERS
from readapi.doubles import (
    CANDIDATES,
    Duplicates,
    Likely,
    duplicates_of_all,
    duplicates_of_one,
)
from readapi.entries import Entry


class AllLikely(Likely, frozen=True, kw_only=True):
    """Which doubles are asked for."""

    kind: Annotated[
        Literal["customer", "contact"], Meta(description="Of which kind of record.")
    ] = "customer"


KINDS: Final = {"customer": CUSTOMERS, "contact": CONTACTS}


async def list_duplicates(query: AllLikely, ctx: Context) -> Duplicates:
    """Return the likeliest pairs of a kind."""
    return await duplicates_of_all(KINDS[query.kind], query.limit, ctx)


ENTRIES: Final = (
    Entry(
        "/customers/{id:str}/duplicates",
        "list duplicates of a customer",
        "Return what may be the same customer, the likeliest first; nothing is merged by it. It is "
        f"chosen from {CANDIDATES} customers at most for each way of finding them.",
        partial(duplicates_of_one, CUSTOMERS),
        Likely,
        Duplicates,
        READERS,
        "The id, or the number: `10042`.",
    ),
    Entry(
        "/contacts/{id:str}/duplicates",
        "list duplicates of a contact",
        "Return what may be the same person, the likeliest first: by an e-mail address or a phone "
        "number, whosever contact it is, by the name within the same customer, as contacts of one "
        f"customer can be merged. It is chosen from {CANDIDATES} contacts at most for each way of "
        "finding them.",
        partial(duplicates_of_one, CONTACTS),
        Likely,
        Duplicates,
        READERS,
    ),
    Entry(
        "/duplicates",
        "list duplicates",
        "Return pairs of records that may be the same, the likeliest first. They are chosen from "
        f"the first {CANDIDATES} pairs, by their ids, that each way of finding them brings: merge "
        "what is the same, or ask for the duplicates of one record, to see others.",
        list_duplicates,
        AllLikely,
        Duplicates,
        READERS,
    ),
)
