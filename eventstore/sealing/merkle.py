"""Merkle trees over leaves that are hashes already (RFC 6962 §2.1, RFC 9162 §2.1.3)."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

NODE: Final = b"\x01"
EMPTY: Final = sha256(b"").digest()
"""The root of a tree without leaves."""


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root of the tree over these leaves."""
    if not leaves:
        return EMPTY
    level = leaves
    while len(level) > 1:
        level = _above(level)
    return level[0]


def path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return what leads from the leaf at `index` to the root: its neighbours, lowest first."""
    found: list[bytes] = []
    level = leaves
    while len(level) > 1:
        neighbour = index ^ 1
        if neighbour < len(level):
            found.append(level[neighbour])
        level, index = _above(level), index // 2
    return found


def leads_to(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Tell whether the leaf is at `index` of `size` in the tree that has this root."""
    if not 0 <= index < size:
        return False
    node, last, rest = leaf, size - 1, list(path)
    while last:
        if index % 2 or index < last:
            if not rest:
                return False
            neighbour = rest.pop(0)
            node = _node(neighbour, node) if index % 2 else _node(node, neighbour)
        index, last = index // 2, last // 2
    return not rest and node == root


def _above(level: Sequence[bytes]) -> list[bytes]:
    pairs = zip(level[::2], level[1::2], strict=False)
    above = [sha256(NODE + left + right).digest() for left, right in pairs]
    if len(level) % 2:
        above.append(level[-1])  # It has no neighbour: it moves up as it is.
    return above


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(NODE + left + right).digest()
