"""What restores took away, in words and figures: named from the anchors, never hidden."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from eventstore.sealing.anchors import Lost
from eventstore.sealing.epochs import Epoch


class Loss(NamedTuple):
    """One epoch, and what the anchors have of the older ones that the log has not."""

    epoch: int
    first_position: int
    """From here on positions were given anew."""
    restored_to: datetime | None
    recorded_at: datetime
    actor: str
    reason: str
    seals: tuple[int, int] | None
    """The first and the last seal that were lost; None where no anchor has such a seal."""
    last_position: int
    """The last position that is known to have been lost; before `first_position` where none is."""
    sealed: tuple[datetime, datetime] | None
    """When the lost seals were made."""

    @property
    def events(self) -> int:
        """How many events are known to be lost; the last second before the end was not sealed."""
        return max(0, self.last_position - self.first_position + 1)

    def __str__(self) -> str:
        began = f"epoch {self.epoch} began at position {self.first_position}"
        if self.seals is None or self.sealed is None:
            return f"{began}; no anchor knows of anything that was lost by that restore"
        return (
            f"lost by the restore of epoch {self.epoch}: seals {self.seals[0]}-{self.seals[1]} "
            f"({self.sealed[0]:%Y-%m-%d %H:%M:%S} to {self.sealed[1]:%Y-%m-%d %H:%M:%S} UTC), "
            f"positions {self.first_position}-{self.last_position} ({self.events} events)"
        )


def losses(epochs: Sequence[Epoch], lost: Sequence[Lost]) -> list[Loss]:
    """Return what was lost at each epoch, in their order."""
    return [_loss(epoch, [each for each in lost if each.epoch == epoch.epoch]) for epoch in epochs]


def _loss(epoch: Epoch, lost: Sequence[Lost]) -> Loss:
    seals = [each.seal for each in lost]
    times = [each.sealed_at for each in lost]
    return Loss(
        epoch=epoch.epoch,
        first_position=epoch.first,
        restored_to=epoch.restored_to,
        recorded_at=epoch.recorded_at,
        actor=epoch.actor,
        reason=epoch.reason,
        seals=(min(seals), max(seals)) if lost else None,
        last_position=max([epoch.first - 1, *(each.last for each in lost)]),
        sealed=(min(times), max(times)) if lost else None,
    )
