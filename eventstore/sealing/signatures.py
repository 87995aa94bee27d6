"""Who signs the seals, and how anybody checks it: Ed25519 (RFC 8032)."""

from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from eventstore.sealing.statements import Seal


class SealKeyMissing(Exception):
    """The key that has to sign the next seal is not here; the message names it."""


class Signer(Protocol):
    """One private key."""

    @property
    def public(self) -> bytes:
        """The public key to it, 32 bytes."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the signature, 64 bytes."""
        ...


class Keys(Protocol):
    """The private keys of an installation."""

    def first(self) -> Signer:
        """Return the key of the first seal, making it if there is none."""
        ...

    def of(self, public: bytes) -> Signer:
        """Return the private key to a public one; raises `SealKeyMissing`."""
        ...

    def make(self) -> Signer:
        """Return a new key, safely kept."""
        ...


def is_signed(seal: Seal, key: bytes) -> bool:
    """Tell whether the statement of a seal is signed with the private key to this public one."""
    return is_signed_text(seal.statement, seal.signature, key)


def is_signed_text(text: str, signature: bytes, key: bytes) -> bool:
    """Tell whether a text is signed with the private key to this public one."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
