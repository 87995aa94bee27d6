"""Tokens say who somebody is, to this installation only, until they expire."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from domain.actors import Actor, Role
from domain.values import CustomerId
from infra.tokens import LIFETIME, TokenInvalid, Tokens, _make_key, open_tokens

CUSTOMER = CustomerId(UUID("c0570e00-0000-4000-8000-000000000001"))
ADA = Actor(id="ada", name="", role=Role.ADMIN)
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


def _tokens(at: datetime | None = None) -> Tokens:
    return Tokens(KEY, lambda: at or datetime.now(UTC))


@pytest.mark.parametrize(
    "actor",
    [
        Actor(id="ada", name="Ada Zürn", role=Role.CUSTOMER, customer_id=CUSTOMER),
        *(Actor(id=f"local-{role}", name="", role=role) for role in Role),
    ],
    ids=lambda actor: str(actor.id),
)
def test_a_token_says_who_it_was_issued_to(actor: Actor) -> None:
    assert _tokens().verify(_tokens().issue(actor)) == actor


def test_a_token_ends_with_its_lifetime() -> None:
    long_ago = datetime.now(UTC) - LIFETIME - timedelta(seconds=1)
    token = _tokens(long_ago).issue(Actor(id="ada", name="", role=Role.ADMIN))

    with pytest.raises(TokenInvalid, match="expired"):
        _tokens().verify(token)


def test_a_token_of_another_installation_is_not_valid() -> None:
    other = Tokens(Ed25519PrivateKey.from_private_bytes(b"o" * 32), lambda: datetime.now(UTC))
    token = other.issue(Actor(id="ada", name="", role=Role.ADMIN))

    with pytest.raises(TokenInvalid, match="Signature"):
        _tokens().verify(token)


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b.c", "\0", "\ud800", "ä.ö.ü", "e30.e30.e30", "x" * 100_000]
)
def test_a_text_that_is_no_token_is_not_valid(text: str) -> None:
    with pytest.raises(TokenInvalid):
        _tokens().verify(text)


def test_the_key_is_made_at_first_use_and_kept(tmp_path: Path) -> None:
    token = open_tokens(tmp_path).issue(Actor(id="ada", name="", role=Role.ADMIN))

    assert open_tokens(tmp_path).verify(token).id == "ada"


def test_the_key_is_for_its_owner_only(tmp_path: Path) -> None:
    open_tokens(tmp_path)

    (key,) = (tmp_path / "keys").iterdir()
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (key, key.parent)]
    assert modes == [0o600, 0o700]


def test_processes_that_start_at_once_sign_with_one_key(tmp_path: Path) -> None:
    actor = Actor(id="ada", name="", role=Role.ADMIN)
    with ThreadPoolExecutor(16) as threads:
        opened = list(threads.map(open_tokens, [tmp_path] * 48))

    assert all(opened[0].verify(tokens.issue(actor)) == actor for tokens in opened)


def test_a_key_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    open_tokens(tmp_path)
    path = tmp_path / "keys" / "token-signing.pem"
    before = path.read_bytes()

    _make_key(path)

    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("content", [b"", b"no key"], ids=["empty", "text"])
def test_a_damaged_key_is_told_with_the_way_out(tmp_path: Path, content: bytes) -> None:
    open_tokens(tmp_path)
    path = tmp_path / "keys" / "token-signing.pem"
    path.write_bytes(content)

    with pytest.raises(TokenInvalid, match="remove it"):
        open_tokens(tmp_path)


def test_a_key_of_another_kind_is_told_with_the_way_out(tmp_path: Path) -> None:
    open_tokens(tmp_path)
    pem = generate_private_key(SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    (tmp_path / "keys" / "token-signing.pem").write_bytes(pem)

    with pytest.raises(TokenInvalid, match="no Ed25519 key"):
        open_tokens(tmp_path)


def test_a_token_is_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = _tokens()
    token = tokens.issue(ADA)
    first = tokens.verify(token)
    monkeypatch.setattr("infra.tokens.jwt.decode", _must_not_be_called)

    assert tokens.verify(token) is first


def test_a_token_that_was_checked_ends_to_the_second() -> None:
    clock = Clock(datetime.now(UTC).replace(microsecond=0))
    tokens = Tokens(KEY, clock)
    token = tokens.issue(ADA, timedelta(hours=1))
    tokens.verify(token)

    clock.time += timedelta(hours=1, microseconds=-1)
    assert tokens.verify(token) == ADA
    clock.time += timedelta(microseconds=1)
    with pytest.raises(TokenInvalid, match="expired"):
        tokens.verify(token)


def test_a_token_that_is_not_valid_is_not_remembered() -> None:
    tokens = _tokens()
    token = tokens.issue(ADA)

    for forged in (f"{token}x", f"{token[:-4]}AAAA"):
        with pytest.raises(TokenInvalid):
            tokens.verify(forged)

    assert tokens._checked == {}


def test_the_oldest_token_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.tokens.REMEMBERED", 2)
    tokens = _tokens()
    sent = [tokens.issue(Actor(id=f"user-{n}", name="", role=Role.ADMIN)) for n in range(3)]

    for token in sent:
        tokens.verify(token)

    assert list(tokens._checked) == sent[1:]


def _must_not_be_called(*_: object, **__: object) -> None:
    raise AssertionError


class Clock:
    """A clock that is set by hand."""

    def __init__(self, time: datetime) -> None:
        self.time = time

    def __call__(self) -> datetime:
        return self.time
