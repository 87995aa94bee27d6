"""Bearer tokens: who somebody is, signed with this installation's own key (JWT, EdDSA).

Tokens are issued locally by `psa token` until sign-in exists. RFC 7519 and RFC 8037.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from domain.actors import Actor, Role
from domain.values import CustomerId

ISSUER = "psa"
AUDIENCE = "psa-api"
LIFETIME = timedelta(hours=12)
REMEMBERED = 4096
"""How many tokens are not checked again; most are sent with hundreds of requests."""


class TokenInvalid(Exception):
    """The bearer token can not be accepted; the message says why."""


class Tokens:
    """Issues and verifies tokens with one Ed25519 key."""

    def __init__(self, key: Ed25519PrivateKey, now: Callable[[], datetime]) -> None:
        self._key = key
        self._public = key.public_key()
        self._now = now
        # Those whose signature was right, and until when: who withdraws one takes it out.
        self._checked: dict[str, tuple[Actor, float]] = {}

    def issue(self, actor: Actor, lifetime: timedelta = LIFETIME) -> str:
        """Return a token that says who the actor is until it expires."""
        now = self._now()
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": actor.id,
            "name": actor.name,
            "role": actor.role.value,
            "customer_id": str(actor.customer_id) if actor.customer_id else None,
            "iat": now,
            "exp": now + lifetime,
        }
        return jwt.encode(claims, self._key, algorithm="EdDSA")

    def verify(self, token: str) -> Actor:
        """Return who the token says it is, until it ends; raises `TokenInvalid`."""
        known = self._checked.get(token)
        actor, end = known or self._check(token)
        if self._now().timestamp() >= end:
            self._checked.pop(token, None)
            msg = "Signature has expired"
            raise TokenInvalid(msg)
        if known is None:
            self._remember(token, actor, end)
        return actor

    def _remember(self, token: str, actor: Actor, end: float) -> None:
        if len(self._checked) >= REMEMBERED:
            del self._checked[next(iter(self._checked))]  # the oldest
        self._checked[token] = (actor, end)

    def _check(self, token: str) -> tuple[Actor, float]:
        try:
            claims = jwt.decode(
                token,
                self._public,
                algorithms=["EdDSA"],  # named, so that a token can not choose its own
                audience=AUDIENCE,
                issuer=ISSUER,
                options={"require": ["exp", "iat", "sub", "role"]},
            )
            customer = claims.get("customer_id")
            actor = Actor(
                id=claims["sub"],
                name=str(claims.get("name", "")),
                role=Role(claims["role"]),
                customer_id=CustomerId(UUID(customer)) if customer else None,
            )
            return actor, float(claims["exp"])
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError) as error:
            raise TokenInvalid(str(error)) from error


def open_tokens(home: Path) -> Tokens:
    """Return the tokens of this installation; its key is made at first use."""
    path = home / "keys" / "token-signing.pem"
    if not path.exists():
        _make_key(path)
    key = None
    with suppress(ValueError):
        key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        msg = f"{path} holds no Ed25519 key; remove it, and all tokens end."
        raise TokenInvalid(msg)
    return Tokens(key, lambda: datetime.now(UTC))


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    # Made private (0600) before the key is in it, under a name that no other process has.
    with NamedTemporaryFile(dir=path.parent) as draft:
        draft.write(pem)
        draft.flush()
        # Two processes may race here; the first link decides, the other key was never used.
        with suppress(FileExistsError):
            path.hardlink_to(draft.name)
