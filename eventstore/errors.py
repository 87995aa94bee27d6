"""What the log answers when it does not take a command."""

from domain.errors import Conflict


class VersionConflict(Conflict):
    """Stream {stream_id} is at version {actual}, not at {expected}: somebody was faster."""


class CommandIdReused(Conflict):
    """Command id {command_id} already belongs to another request."""


class LogUnavailable(Exception):
    """The log did not answer in time; only under the same command id is it safe to ask again."""

    def __init__(self, cause: Exception | None = None) -> None:
        """Keep what was heard last."""
        super().__init__(self.__doc__)
        self.__cause__ = cause
