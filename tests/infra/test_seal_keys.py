"""The keys that sign seals: private, kept before they are used, chosen by their public key."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from eventstore.sealing.signatures import SealKeyMissing, is_signed
from eventstore.sealing.statements import Seal
from infra.seal_keys import SealKeys, public_pem, read_public_key


def test_the_first_key_is_made_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        keys = list(threads.map(lambda _: SealKeys(tmp_path).first().public, range(8)))

    assert set(keys) == {read_public_key(SealKeys(tmp_path).first_public)}


def test_a_key_signs_what_its_public_key_proves(tmp_path: Path) -> None:
    key = SealKeys(tmp_path).first()

    assert is_signed(Seal(1, "text", key.sign(b"text")), key.public)


def test_every_key_stays_private(tmp_path: Path) -> None:
    keys = SealKeys(tmp_path)
    keys.first()
    keys.make()

    files = list((tmp_path / "keys" / "seals").iterdir())

    assert len(files) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_newer_key_does_not_become_the_first_one(tmp_path: Path) -> None:
    keys = SealKeys(tmp_path)
    first = keys.first().public

    new = keys.make().public

    assert keys.first().public == first
    assert keys.of(new).public == new != first


def test_a_key_that_is_not_there_is_named_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(SealKeyMissing, match=f"{'ab' * 8}.pem: bring the file back"):
        SealKeys(tmp_path).of(bytes([0xAB]) * 32)


def test_a_file_with_another_key_is_not_taken_for_the_one_it_is_named_after(tmp_path: Path) -> None:
    keys = SealKeys(tmp_path)
    one, two = keys.first().public, keys.make().public
    folder = tmp_path / "keys" / "seals"
    (folder / f"{two.hex()[:16]}.pem").replace(folder / f"{one.hex()[:16]}.pem")

    with pytest.raises(SealKeyMissing):
        keys.of(one)


@pytest.mark.parametrize("content", [b"", b"nonsense"])
def test_a_file_without_a_public_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key.pub").write_bytes(content)

    with pytest.raises(SealKeyMissing, match="no public Ed25519 key"):
        read_public_key(tmp_path / "key.pub")


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    other = generate_private_key(SECP256R1())
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    keys = SealKeys(tmp_path)
    public = keys.first().public
    (tmp_path / "keys" / "seals" / f"{public.hex()[:16]}.pem").write_bytes(pem)

    with pytest.raises(SealKeyMissing):
        keys.first()


def test_a_public_key_is_read_as_it_was_written(tmp_path: Path) -> None:
    public = SealKeys(tmp_path).first().public
    (tmp_path / "key.pub").write_bytes(public_pem(public))

    assert read_public_key(tmp_path / "key.pub") == public
