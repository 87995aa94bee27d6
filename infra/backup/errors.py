"""What a backup or a restore says when it can not do its work."""


class BackupError(Exception):
    """It can not be done; the message says why, and the way out."""


class BackupDamaged(BackupError):
    """A piece of the repository is not what was put there; the message names it."""


class BackupKeyMissing(BackupError):
    """The key that a repository was encrypted with is not here; the message names it."""
