"""Where the chain of seals ends, and how the next one is made."""

from datetime import datetime
from hashlib import sha256
from typing import NamedTuple, Self
from uuid import UUID

from eventstore.sealing.leaves import chained
from eventstore.sealing.merkle import root
from eventstore.sealing.signatures import Signer
from eventstore.sealing.statements import NOTHING_BEFORE, Seal, Statement


class End(NamedTuple):
    """The end of a chain of seals: what the next seal has to follow."""

    log: UUID
    seal: int
    position: int
    chain: bytes
    digest: bytes
    key: bytes | None
    """The key of the next seal; None where the first one chooses it."""
    epoch: int = 1
    """The epoch of the next seal."""

    @classmethod
    def of_nothing(cls, log: UUID, key: bytes | None = None) -> Self:
        """Return the end of the chain of a log that has no seals; `key` has to sign the first."""
        return cls(log, 0, 0, sha256(str(log).encode()).digest(), NOTHING_BEFORE, key)

    def after(self, statement: Statement, digest: bytes) -> Self:
        """Return the end once the seal of this statement and digest has been added."""
        return type(self)(
            self.log,
            statement.seal,
            statement.last,
            statement.chain,
            digest,
            statement.next_key or statement.key,
            max(self.epoch, statement.epoch),
        )

    def seal_events(self, leaves: list[bytes], signer: Signer, at: datetime) -> Seal:
        """Return the seal of the events that follow, given their leaves."""
        return self._seal(leaves, signer, at)

    def change_key(self, next_key: bytes, signer: Signer, at: datetime) -> Seal:
        """Return the seal that hands over to another key; it seals no event."""
        return self._seal([], signer, at, next_key)

    def _seal(
        self, leaves: list[bytes], signer: Signer, at: datetime, next_key: bytes | None = None
    ) -> Seal:
        statement = Statement(
            log=self.log,
            seal=self.seal + 1,
            first=self.position + 1,
            last=self.position + len(leaves),
            root=root(leaves),
            chain=chained(self.chain, leaves),
            previous=self.digest,
            key=signer.public,
            sealed_at=at,
            next_key=next_key,
            epoch=self.epoch,
        )
        text = statement.text
        return Seal(statement.seal, text, signer.sign(text.encode()))
