"""What a search engine says when it can not answer."""

from readapi.errors import Unavailable


class SearchUnavailable(Unavailable):
    """The search engine did not answer in time; send the same request again."""
