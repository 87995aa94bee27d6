"""What a vCard says about a contact, in plain values."""

import msgspec


class Labelled(msgspec.Struct, frozen=True):
    """An e-mail address or a phone number, as written, with its kinds such as work or cell."""

    value: str
    kinds: tuple[str, ...] = ()
    preferred: bool = False


class PostalAddress(msgspec.Struct, frozen=True):
    """A postal address, as written; the country is a name, not a code."""

    street: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    kinds: tuple[str, ...] = ()
    preferred: bool = False


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A contact; everything but the full name may be empty."""

    full_name: str
    family_name: str = ""
    given_name: str = ""
    additional_names: str = ""
    prefixes: str = ""
    suffixes: str = ""
    organisation: str = ""
    units: tuple[str, ...] = ()
    title: str = ""
    emails: tuple[Labelled, ...] = ()
    phones: tuple[Labelled, ...] = ()
    addresses: tuple[PostalAddress, ...] = ()
    note: str = ""
    uid: str = ""
    categories: tuple[str, ...] = ()
