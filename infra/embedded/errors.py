"""What the embedded stack says when it can not do its work."""


class EmbeddedError(Exception):
    """The local servers can not be used; the message says what is missing and the way out."""
