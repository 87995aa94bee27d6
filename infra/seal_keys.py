"""The keys that sign the log's seals: private files of this installation, one for each key.

Which of them signs is what the chain of seals says, never which file is newest: a key that was
made, and of which no seal tells, is never used.
"""

from contextlib import suppress
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from eventstore.sealing.signatures import SealKeyMissing, Signer
from infra.embedded import private

NAMED: Final = 16
"""How many hexadecimal digits of the public key make the name of its file."""


class SealKey:
    """One Ed25519 key that signs seals."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @property
    def public(self) -> bytes:
        """The public key, 32 bytes."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the signature, 64 bytes."""
        return self._key.sign(message)


class SealKeys:
    """The folder `keys/seals` of an installation, kept from everybody but its owner."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "keys" / "seals"

    @property
    def first_public(self) -> Path:
        """The file with the public key of the first seal: what trust in all others begins with."""
        return self._folder / "first.pub"

    def first(self) -> Signer:
        """Return the key of the first seal, making it if there is none."""
        if not self.first_public.exists():
            made = self.make()
            # Two processes may race here; the first link decides, the other key is never used.
            private.create(self.first_public, public_pem(made.public).decode())
        return self.of(read_public_key(self.first_public))

    def of(self, public: bytes) -> Signer:
        """Return the private key to a public one; raises `SealKeyMissing`."""
        path = self._path(public)
        key = None
        with suppress(ValueError, FileNotFoundError):
            key = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey) or SealKey(key).public != public:
            msg = (
                f"The key that signs the next seal is not in {path}: bring the file back from "
                "where it was copied to; without it nothing more can be sealed."
            )
            raise SealKeyMissing(msg)
        return SealKey(key)

    def make(self) -> Signer:
        """Return a new key, safely kept."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        made = SealKey(key)
        private.create(self._path(made.public), pem.decode())
        return made

    def _path(self, public: bytes) -> Path:
        return self._folder / f"{public.hex()[:NAMED]}.pem"


def public_pem(public: bytes) -> bytes:
    """Return a public key as PEM (SubjectPublicKeyInfo), as other programs read it."""
    key = Ed25519PublicKey.from_public_bytes(public)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def read_public_key(path: Path) -> bytes:
    """Return the public key in a PEM file, 32 bytes; raises `SealKeyMissing`."""
    key = None
    with suppress(ValueError):
        key = load_pem_public_key(path.read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        msg = f"{path} holds no public Ed25519 key in PEM form."
        raise SealKeyMissing(msg)
    return key.public_bytes_raw()
