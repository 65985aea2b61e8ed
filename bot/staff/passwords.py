"""Passwords: how they are kept (Argon2id) and which ones are accepted."""

import secrets
import threading
import unicodedata
from collections.abc import Sequence

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 128
AT_ONCE = 2  # each hash takes 64 MiB while it is made
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are mistaken for another


class Passwords:
    """Hashes with Argon2id; the parameters are those of RFC 9106 for small memories.

    `cheap` is for demo mode and tests, where every password is public.
    """

    def __init__(self, cheap: bool = False) -> None:
        self._hasher = (
            PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
            if cheap
            else PasswordHasher()
        )
        self._gate = threading.BoundedSemaphore(AT_ONCE)
        self._nobody = ""

    def hash(self, password: str) -> str:
        """The hash to keep, with its salt and parameters."""
        with self._gate:
            return self._hasher.hash(_normal(password))

    def fits(self, kept: str | None, password: str) -> bool:
        """Whether it is the password; takes as long where nothing is kept (None)."""
        nobodys = self._somebody()
        stored = kept if kept is not None else nobodys
        with self._gate:
            try:
                return self._hasher.verify(stored, _normal(password)) and kept is not None
            except (VerificationError, InvalidHashError):
                return False

    def is_outdated(self, kept: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _somebody(self) -> str:
        if not self._nobody:
            self._nobody = self.hash(secrets.token_urlsafe(16))
        return self._nobody


def generate() -> str:
    """A random password that can be read out: five groups of four, 99 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(5))


def weakness(password: str, of_person: Sequence[str] = ()) -> str | None:
    """Why the password is not accepted: short, long, plain or personal; None where it is.

    `of_person` is what must not be the heart of it: login name, name, the product's name.
    OWASP ASVS 5.0, 6.2: no rules about kinds of characters, no change by the calendar.
    """
    plain = _normal(password).casefold()
    if len(plain) < SHORTEST:
        return "short"
    if len(plain) > LONGEST:
        return "long"
    rest = plain
    for word in sorted((_normal(w).casefold() for w in of_person), key=len, reverse=True):
        if len(word) >= 3:
            rest = rest.replace(word, "")
    if len(rest) < SHORTEST // 2:
        return "personal"
    if len(set(plain)) < 5 or _is_common(plain):
        return "plain"
    return None


def _is_common(plain: str) -> bool:
    """Rows of the keyboard and of the alphabet, the words that everybody takes, and repeats."""
    rows = (
        "qwertyuiopasdfghjklzxcvbnm",
        "1234567890",
        "abcdefghijklmnopqrstuvwxyz",
        "1qaz2wsx3edc",
    )
    words = ("password", "passw0rd", "p@ssw0rd", "p@ssword", "letmein", "welcome", "administrator")
    rest = plain
    for word in words:
        rest = rest.replace(word, "")
    for row in rows:
        for text in (row, row[::-1]):
            for length in range(len(text), 3, -1):
                for start in range(len(text) - length + 1):
                    rest = rest.replace(text[start : start + length], "")
    return len(rest) < 4 or (plain + plain).find(plain, 1) < len(plain)


def _normal(password: str) -> str:
    # The same keys give other characters on another keyboard or input method.
    return unicodedata.normalize("NFKC", password)
