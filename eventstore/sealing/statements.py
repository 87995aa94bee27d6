"""What a seal states, in lines of plain text: these bytes are signed, and anybody can read them."""

import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

import msgspec

NOTHING_BEFORE: Final = bytes(32)
"""What the first seal names as the one before it."""
HASHES: Final = ("root", "chain", "previous", "key", "next_key")
FORM: Final = re.compile(
    r"psa-seal/(?P<form>1|2)\n"
    r"log (?P<log>[0-9a-f-]{36})\n"
    r"seal (?P<seal>[1-9][0-9]{0,18})\n"
    r"positions (?P<first>[1-9][0-9]{0,18})-(?P<last>0|[1-9][0-9]{0,18})\n"
    r"root (?P<root>[0-9a-f]{64})\n"
    r"chain (?P<chain>[0-9a-f]{64})\n"
    r"previous (?P<previous>[0-9a-f]{64})\n"
    r"key (?P<key>[0-9a-f]{64})\n"
    r"sealed-at (?P<sealed_at>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z)\n"
    r"(?:epoch (?P<epoch>[1-9][0-9]{0,18})\n)?"
    r"(?:next-key (?P<next_key>[0-9a-f]{64})\n)?"
)


class StatementMalformed(ValueError):
    """The text is no statement of a seal."""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What is sealed, and where the seal stands in the chain of seals."""

    log: UUID
    seal: int
    first: int
    last: int
    """The position before `first` where no events are sealed, as when only the key changes."""
    root: bytes
    chain: bytes
    previous: bytes
    """The digest of the seal before this one."""
    key: bytes
    """The public key that this statement is signed with."""
    sealed_at: datetime
    next_key: bytes | None = None
    """The key of the seals that follow, where it changes."""
    epoch: int = 1
    """How often the log began anew at an earlier position, and one more."""

    @property
    def text(self) -> str:
        """The statement as it is signed; before the first restore in its first form."""
        form, epoch = (1, "") if self.epoch == 1 else (2, f"epoch {self.epoch}\n")
        text = (
            f"psa-seal/{form}\nlog {self.log}\nseal {self.seal}\n"
            f"positions {self.first}-{self.last}\n"
            f"root {self.root.hex()}\nchain {self.chain.hex()}\nprevious {self.previous.hex()}\n"
            f"key {self.key.hex()}\nsealed-at {instant(self.sealed_at)}\n{epoch}"
        )
        return text if self.next_key is None else f"{text}next-key {self.next_key.hex()}\n"


class Seal(msgspec.Struct, frozen=True):
    """A statement and its signature, as they are stored and anchored."""

    seal: int
    statement: str
    signature: bytes

    @property
    def digest(self) -> bytes:
        """What the next seal and the anchors know this one by."""
        return sha256(self.statement.encode() + self.signature).digest()


def parse(text: str) -> Statement:
    """Return what a text states; raises `StatementMalformed` for any other text."""
    found = FORM.fullmatch(text)
    if found is None:
        msg = "the text has not the lines of a seal"
        raise StatementMalformed(msg)
    try:
        statement = _statement(found.groupdict())
    except ValueError as error:
        raise StatementMalformed(str(error)) from error
    if statement.text != text:  # Two texts that say the same would be two seals.
        msg = "the text is not written as a seal is"
        raise StatementMalformed(msg)
    return statement


def _statement(said: dict[str, str | None]) -> Statement:
    lines = {name: value for name, value in said.items() if value is not None}
    hashes = {name: bytes.fromhex(lines[name]) for name in HASHES if name in lines}
    return Statement(
        log=UUID(lines["log"]),
        seal=int(lines["seal"]),
        first=int(lines["first"]),
        last=int(lines["last"]),
        root=hashes["root"],
        chain=hashes["chain"],
        previous=hashes["previous"],
        key=hashes["key"],
        sealed_at=datetime.fromisoformat(lines["sealed_at"]),
        next_key=hashes.get("next_key"),
        epoch=int(lines.get("epoch", "1")),
    )


def instant(at: datetime) -> str:
    """Return an instant as statements write it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
