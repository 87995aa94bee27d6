"""Snapshots in memory, for tests that need no server; `test_table` runs its contract on both."""

from uuid import UUID

from eventstore.snapshots.table import Snapshot


class MemoryTable:
    """Keeps snapshots as the real table does."""

    def __init__(self) -> None:
        self.kept: dict[UUID, Snapshot] = {}
        self.seconds_since_dropped = float("inf")
        self.fault: Exception | None = None

    async def find(self, stream_id: UUID) -> tuple[UUID, bytes, bytes] | None:
        if self.fault is not None:
            raise self.fault
        found = self.kept.get(stream_id)
        return found and (found.event_id, found.code, found.state)

    async def keep(self, snapshot: Snapshot, seconds: float) -> bool:
        if self.fault is not None:
            raise self.fault
        if seconds >= self.seconds_since_dropped:
            return False
        self.kept[snapshot.stream_id] = snapshot
        return True

    def drop(self) -> int:
        count = len(self.kept)
        self.kept.clear()
        self.seconds_since_dropped = 0.0
        return count
