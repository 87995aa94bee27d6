"""A piece of a repository: a stream of bytes, compressed, then encrypted in chunks.

A header of 40 bytes (magic, id of the key, salt) is followed by chunks of at most 1 MiB of
compressed bytes, each sealed with AES-256-GCM. The nonce counts the chunks and marks the last one,
so that a chunk which is missing, doubled or moved is found, and an end that is not the end. Every
piece has a key of its own, derived from the repository's and its salt: no nonce is used twice.
The name of the piece is part of what is authenticated: one can not stand in for another.
"""

import os
import zlib
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from infra.backup.errors import BackupDamaged, BackupKeyMissing

MAGIC: Final = b"psa-backup/1\n   "
KEY_BYTES: Final = 32
ID_BYTES: Final = 8
SALT_BYTES: Final = 16
HEADER_BYTES: Final = len(MAGIC) + ID_BYTES + SALT_BYTES
CHUNK_BYTES: Final = 1 << 20
TAG_BYTES: Final = 16
LEVEL: Final = 1
"""Of zlib: the next ones cost more time than they save room."""


def key_id(key: bytes) -> bytes:
    """Return what a key is known by; it tells nothing of the key."""
    return sha256(b"psa-backup key id\0" + key).digest()[:ID_BYTES]


def write(file: BinaryIO, name: str, key: bytes, content: Iterable[bytes]) -> None:
    """Write a piece of this name; nothing of it is readable before all of it is written."""
    header = MAGIC + key_id(key) + os.urandom(SALT_BYTES)
    cipher, told = _cipher(key, header), header + name.encode()
    file.write(header)
    number = 0
    waiting: bytes | None = None
    for chunk in _chunks(_compressed(content)):
        if waiting is not None:
            file.write(cipher.encrypt(_nonce(number, last=False), waiting, told))
            number += 1
        waiting = chunk
    file.write(cipher.encrypt(_nonce(number, last=True), waiting or b"", told))


def read(file: BinaryIO, name: str, key: bytes) -> Iterator[bytes]:
    """Yield the content of the piece of this name; raises `BackupDamaged`, `BackupKeyMissing`.

    What was yielded is authentic; that nothing is missing is known once this has ended.
    """
    inflate = zlib.decompressobj()
    try:
        for chunk in _decrypted(file, name, key):
            yield from _inflated(inflate, chunk)
        if not inflate.eof or inflate.unused_data:
            raise _damaged(name, "its content is not complete")
    except zlib.error as error:
        raise _damaged(name, "it can not be decompressed") from error


def _inflated(inflate: "zlib._Decompress", chunk: bytes) -> Iterator[bytes]:
    # In bounded steps: a megabyte of a log that is full of zeros would be a gigabyte at once.
    content = bytes(CHUNK_BYTES)
    while chunk or len(content) == CHUNK_BYTES:
        content = inflate.decompress(chunk, CHUNK_BYTES)
        if content:
            yield content
        chunk = inflate.unconsumed_tail


def _decrypted(file: BinaryIO, name: str, key: bytes) -> Iterator[bytes]:
    header = file.read(HEADER_BYTES)
    if len(header) < HEADER_BYTES or not header.startswith(MAGIC):
        raise _damaged(name, "it does not begin as a piece of a backup does")
    if header[len(MAGIC) :][:ID_BYTES] != key_id(key):
        msg = (
            f"{name} was encrypted with another key than the one in keys/backup: bring the file "
            "back from where it was copied to when the backup was made."
        )
        raise BackupKeyMissing(msg)
    cipher, told = _cipher(key, header), header + name.encode()
    number = 0
    chunk = file.read(CHUNK_BYTES + TAG_BYTES)
    while True:
        following = file.read(CHUNK_BYTES + TAG_BYTES)
        try:
            yield cipher.decrypt(_nonce(number, last=not following), chunk, told)
        except InvalidTag as error:
            what = f"chunk {number + 1} was changed, or the file does not end where it has to"
            raise _damaged(name, what) from error
        if not following:
            return
        number, chunk = number + 1, following


def _damaged(name: str, what: str) -> BackupDamaged:
    return BackupDamaged(f"{name} is damaged: {what}.")


def _cipher(key: bytes, header: bytes) -> AESGCM:
    salt = header[-SALT_BYTES:]
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt=salt, info=MAGIC).derive(key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _compressed(content: Iterable[bytes]) -> Iterator[bytes]:
    deflate = zlib.compressobj(LEVEL)
    for part in content:
        yield deflate.compress(part)
    yield deflate.flush()


def _chunks(parts: Iterable[bytes]) -> Iterator[bytes]:
    waiting = bytearray()
    for part in parts:
        waiting += part
        while len(waiting) >= CHUNK_BYTES:
            yield bytes(waiting[:CHUNK_BYTES])
            del waiting[:CHUNK_BYTES]
    if waiting:
        yield bytes(waiting)
