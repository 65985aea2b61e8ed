"""LINE's signature of a webhook: base64(HMAC-SHA256(channel secret, raw body))."""

import base64
import hashlib
import hmac


def sign(secret: str, body: bytes) -> str:
    """The signature that LINE sends in `x-line-signature`."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def is_signed(secret: str, body: bytes, signature: str | None) -> bool:
    """Whether the raw bytes came from LINE; compared in constant time."""
    if not secret or not signature:
        return False
    return hmac.compare_digest(sign(secret, body).encode(), signature.encode("utf-8", "replace"))
