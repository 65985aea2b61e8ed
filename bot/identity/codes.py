"""Mailed codes as numbers and digests. Nothing here touches a database.

The code itself is stored nowhere: it is made from a random seed that travels with the mail and
the app's secret, and what is kept for comparing is a salted, keyed digest.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from bot.identity.typed import CODE_DIGITS


@dataclass(frozen=True)
class NewCode:
    """What a new code leaves behind: `seed` for the mail, `salt` and `digest` for comparing."""

    seed: str = field(repr=False)
    salt: str = field(repr=False)
    digest: str = field(repr=False)


class Codes:
    """Makes and compares codes with keys derived from the app's secret."""

    def __init__(self, secret: str) -> None:
        self._key = hmac.new(secret.encode(), b"mailed code", hashlib.sha256).digest()

    def new(self, conversation_id: str) -> NewCode:
        """A code of 8 digits from 256 bits of the system's randomness."""
        seed, salt = secrets.token_urlsafe(32), secrets.token_hex(16)
        return NewCode(seed, salt, self.digest(conversation_id, salt, self.code(seed)))

    def code(self, seed: str) -> str:
        """The code that belongs to a seed."""
        drawn = int.from_bytes(self._hmac("code", seed), "big")
        return str(drawn % 10**CODE_DIGITS).zfill(CODE_DIGITS)

    def digest(self, conversation_id: str, salt: str, code: str) -> str:
        """What is kept of a code; it fits no other conversation."""
        return self._hmac("kept", conversation_id, salt, code).hex()

    def fits(self, conversation_id: str, salt: str, digest: str, code: str) -> bool:
        """Whether a typed code is the one, compared in constant time."""
        return hmac.compare_digest(digest, self.digest(conversation_id, salt, code))

    def mailbox(self, address: str) -> str:
        """A keyed digest of a mail address, alike for upper and lower case."""
        return self._hmac("mailbox", address.strip().lower()).hex()

    def origin(self, address: str) -> str:
        """A keyed digest of a network address."""
        return self._hmac("origin", address).hex()

    def option(self, conversation_id: str, number: str) -> str:
        """An opaque value for a registration number among a conversation's choices."""
        return self._hmac("option", conversation_id, number).hex()[:16]

    def _hmac(self, *parts: str) -> bytes:
        message = "\0".join(parts).encode("utf-8", "surrogatepass")
        return hmac.new(self._key, message, hashlib.sha256).digest()
