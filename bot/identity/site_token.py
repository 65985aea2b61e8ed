"""The member site's identity token (spec/api.md): a short-lived HS256 JWT, used once.

Whatever is wrong with it ends in the same sentence; a guest is never made of a bad token.
"""

import json
import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from bot.errors import InvalidIdentity
from bot.wording import problem_sentence

AUDIENCE = "navi"
MAX_LIFE = timedelta(minutes=5)
_MAX_LENGTH = 4096
# How far ahead the member site's clock may run; expiry is never stretched.
_SKEW_S = 30
_REQUIRED = ["iss", "aud", "sub", "iat", "exp", "jti"]
_NUMBER = re.compile(r"[0-9]{6}")


@dataclass(frozen=True)
class VerifiedMember:
    """A registration number that the member site vouches for; `jti` is consumed at the start."""

    number: str
    jti: str
    expires_at: datetime


class SiteTokens:
    """Verifies tokens with any of the keys (kid -> secret)."""

    def __init__(self, keys: dict[str, str], issuer: str) -> None:
        self._keys = keys
        self._issuer = issuer

    def verify(self, token: str) -> VerifiedMember:
        """The member. Raises InvalidIdentity for anything but a valid, fresh token."""
        try:
            claims = self._claims(token)
        except (jwt.InvalidTokenError, ValueError, TypeError, KeyError):
            raise InvalidIdentity(problem_sentence("login_not_proven")) from None
        expires_at = datetime.fromtimestamp(claims["exp"], UTC)
        return VerifiedMember(claims["sub"], claims["jti"], expires_at)

    def mint(self, number: str, now: float | None = None) -> str:
        """A token as the member site would make it (demo site, `navi identity token`)."""
        kid, secret = next(iter(self._keys.items()))
        issued = int(time.time() if now is None else now)
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": number,
            "iat": issued,
            "exp": issued + int(MAX_LIFE.total_seconds()),
            "jti": secrets.token_urlsafe(16),
        }
        return jwt.encode(claims, secret, algorithm="HS256", headers={"kid": kid})

    def _claims(self, token: str) -> dict[str, Any]:
        if len(token) > _MAX_LENGTH or token.count(".") != 2:
            raise ValueError("not a compact token")
        header = jwt.get_unverified_header(token)
        if header.get("alg") != "HS256" or "crit" in header or "b64" in header:
            raise ValueError("not an HS256 token of the member site")
        secret = self._keys[header["kid"]]
        claims: dict[str, Any] = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            audience=AUDIENCE,
            issuer=self._issuer,
            options={"require": _REQUIRED, "strict_aud": True, "verify_iat": False},
        )
        _check_shape(claims, token)
        return claims


def _check_shape(claims: dict[str, Any], token: str) -> None:
    times = (claims["iat"], claims["exp"])
    if any(type(value) not in (int, float) for value in times):
        raise ValueError("iat and exp are numbers")
    if claims["iat"] > time.time() + _SKEW_S:
        raise ValueError("issued in the future")
    if not 0 < claims["exp"] - claims["iat"] <= MAX_LIFE.total_seconds():
        raise ValueError("a token lives five minutes at most")
    if not isinstance(claims["sub"], str) or not _NUMBER.fullmatch(claims["sub"]):
        raise ValueError("sub is a registration number")
    jti = claims["jti"]
    # It is stored: a NUL or half a character would fail there.
    if not isinstance(jti, str) or not 1 <= len(jti) <= 128 or not jti.isprintable():
        raise ValueError("jti is a short string")
    _refuse_doubled(token)


def _refuse_doubled(token: str) -> None:
    """A claim that stands twice is read differently by different readers."""
    for part in token.split(".")[:2]:
        json.loads(jwt.utils.base64url_decode(part.encode()), object_pairs_hook=_unique)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise ValueError("a claim stands twice")
    return dict(pairs)
