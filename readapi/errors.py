"""What the read side answers when it can not look."""


class Unavailable(Exception):
    """The views did not answer in time; send the same request again."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(self.__doc__)
