"""What every search engine promises, whatever is behind it."""

from tests.contracts.search_answers import Changes, Order, Rights, Snippets
from tests.contracts.search_words import Numbers, Words


class SearchContract(Words, Numbers, Rights, Changes, Order, Snippets):
    """To be run for every engine; its fixture `desk` is empty at first."""
