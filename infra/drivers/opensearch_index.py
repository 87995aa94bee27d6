"""The index of documents: how OpenSearch takes texts apart, and what it keeps of a row."""

import re
from functools import cache
from importlib.resources import files
from typing import Any, Final

from projections.view import Row

SHAPE: Final = 1
"""Raised with every change below: an index of an older shape is rebuilt."""

KEPT: Final = (
    *("id", "kind", "number", "external_number", "customer_id", "deleted", "position"),
    *("title", "body", "internal_body"),
)

UMLAUTS: Final = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss"})
SPELT_OUT: Final = re.compile("(?<=[ao])e|(?<=(?<![aeiouqyäöü])u)e")


def document(row: Row) -> Row:
    """Return what is kept of a row."""
    return {name: row[name] for name in KEPT}


def definition() -> dict[str, Any]:
    """Return the settings and the mapping of a new index."""
    return {
        "settings": {
            "number_of_shards": 1,
            "auto_expand_replicas": "0-1",
            "analysis": _analysis(),
        },
        "mappings": {"dynamic": "strict", "properties": _properties()},
    }


def _properties() -> dict[str, Any]:
    text = _text("german", search_analyzer="german_query") | {
        "fields": {
            "english": _text("english"),
            # Beginnings and ends of words, for compounds whose parts are in no list.
            "words": _text("words", index_options="docs", norms=False),
            "reversed": _text("reversed", index_options="docs", norms=False),
        }
    }
    return {
        "id": {"type": "keyword"},
        "kind": {"type": "keyword"},
        "number": {"type": "keyword"},
        "external_number": {
            "type": "keyword",
            "normalizer": "lower",
            "fields": {"reversed": _text("reversed", index_options="docs", norms=False)},
        },
        "customer_id": {"type": "keyword"},
        "deleted": {"type": "boolean"},
        "position": {"type": "long"},
        "title": text,
        "body": text,
        "internal_body": text,
    }


def _text(analyzer: str, **options: Any) -> dict[str, Any]:
    return {"type": "text", "analyzer": analyzer, **options}


def _analysis() -> dict[str, Any]:
    # Compounds are taken apart in the documents only: in a query it would find every part.
    german = ["short", "lowercase", "german_normalization"]
    chains = {
        "german": [*german, "compounds", "light_german", "remove_duplicates"],
        "german_query": [*german, "light_german"],
        "english": ["short", "lowercase", "porter2"],
        "words": german,
        "reversed": [*german, "reverse"],
    }
    return {
        # Addresses, paths and host names are found by their pieces, however they are joined.
        "tokenizer": {
            "pieces": {
                "type": "char_group",
                "tokenize_on_chars": ["whitespace", "punctuation", "symbol"],
            }
        },
        "filter": {
            # As a query's words are cut, so that they find what is longer.
            "short": {"type": "truncate", "length": 100},
            "compounds": {
                "type": "dictionary_decompounder",
                "word_list": compounds(),
                "min_subword_size": 4,
                "max_subword_size": 24,
                "only_longest_match": True,
            },
            "light_german": {"type": "stemmer", "language": "light_german"},
            "porter2": {"type": "stemmer", "language": "porter2"},
        },
        "normalizer": {"lower": {"type": "custom", "filter": ["lowercase"]}},
        "analyzer": {
            name: {"type": "custom", "tokenizer": "pieces", "filter": chain}
            for name, chain in chains.items()
        },
    }


@cache
def compounds() -> list[str]:
    """Return the words that compounds are made of, as `german_normalization` leaves them."""
    text = (files("infra.drivers") / "opensearch_compounds.txt").read_text(encoding="utf-8")
    return [SPELT_OUT.sub("", word).translate(UMLAUTS) for word in text.split()]
