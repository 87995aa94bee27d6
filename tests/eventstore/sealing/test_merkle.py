"""The trees are those of RFC 6962."""

from hashlib import sha256

import pytest

from eventstore.sealing.leaves import leaf
from eventstore.sealing.merkle import leads_to, path, root

DATA = [
    bytes.fromhex(each)
    for each in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
"""The leaves and the roots that Certificate Transparency's own tests use."""
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf(data) for data in DATA]


def as_written(leaves: list[bytes]) -> bytes:
    """The root as §2.1 defines it: split at the largest power of two below the size."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else sha256(b"").digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + as_written(leaves[:half]) + as_written(leaves[half:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_the_roots_of_small_trees_are_the_known_ones(size: int) -> None:
    assert root(LEAVES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize("size", [9, 31, 32, 33, 100, 1023])
def test_the_root_of_a_tree_is_as_the_rfc_defines_it(size: int) -> None:
    leaves = [leaf(str(number).encode()) for number in range(size)]

    assert root(leaves) == as_written(leaves)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 11, 64, 65])
def test_the_path_of_every_leaf_leads_to_the_root(size: int) -> None:
    leaves = [leaf(str(number).encode()) for number in range(size)]
    paths = [path(leaves, index) for index in range(size)]

    proved = [
        leads_to(leaves[index], index, size, paths[index], root(leaves)) for index in range(size)
    ]

    assert proved == [True] * size


def test_a_path_leads_to_the_root_for_its_leaf_and_its_place_only() -> None:
    proof, top = path(LEAVES, 4), root(LEAVES)

    wrong = [
        leads_to(LEAVES[5], 4, 8, proof, top),
        leads_to(LEAVES[4], 5, 8, proof, top),
        leads_to(LEAVES[4], 4, 8, proof[:-1], top),
        leads_to(LEAVES[4], 4, 8, [*proof, top], top),
        leads_to(LEAVES[4], 4, 8, proof, LEAVES[0]),
        leads_to(LEAVES[4], 8, 8, proof, top),
        leads_to(LEAVES[4], -4, 8, proof, top),
    ]

    assert not any(wrong)
