"""The signature of a report: HMAC-SHA256 over the raw body, with a timestamp and a key id.

X-Navi-Key: <kid>
X-Navi-Timestamp: <seconds since 1970, up to six decimals>
X-Navi-Signature: v1=<hex of HMAC(secret, "v1." + kid + "." + timestamp + "." + body)>
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.errors import NaviError
from bot.wording import problem_sentence

WINDOW = timedelta(minutes=5)
_TIMESTAMP = re.compile(r"[0-9]{10}(?:\.[0-9]{1,6})?", re.ASCII)
_SIGNATURE = re.compile(r"v1=([0-9a-f]{64})", re.ASCII)
_NOBODY = "no such key"


class InvalidSignature(NaviError, slug="invalid-signature", status=401):
    """Missing, malformed, forged or stale: one answer for all of them."""


@dataclass(frozen=True)
class Signed:
    """A signature that is right: `id` names it, `expires_at` is when it would be stale anyway."""

    id: str
    expires_at: datetime


def sign(secret: str, kid: str, timestamp: str, body: bytes) -> str:
    """The value of X-Navi-Signature."""
    message = f"v1.{kid}.{timestamp}.".encode() + body
    return "v1=" + hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def verify(
    headers: Mapping[str, list[str]], body: bytes, keys: dict[str, str], now: datetime
) -> Signed:
    """Check a report's headers (lower-case name -> values). Raises InvalidSignature."""
    kid = _one(headers, "x-navi-key")
    timestamp = _one(headers, "x-navi-timestamp")
    signature = _one(headers, "x-navi-signature")
    if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
        raise InvalidSignature(problem_sentence("signature"))
    # An unknown key is compared too, so that it takes as long as a known one.
    expected = sign(keys.get(kid, _NOBODY), kid, timestamp, body)
    if not hmac.compare_digest(expected, signature) or kid not in keys:
        raise InvalidSignature(problem_sentence("signature"))
    at = datetime.fromtimestamp(float(timestamp), UTC)
    if abs(now - at) > WINDOW:
        raise InvalidSignature(problem_sentence("signature"))
    return Signed("event:" + signature, at + WINDOW)


def _one(headers: Mapping[str, list[str]], name: str) -> str:
    """A header that stands twice is read differently by different readers."""
    values = headers.get(name, [])
    if len(values) != 1:
        raise InvalidSignature(problem_sentence("signature"))
    return values[0]
