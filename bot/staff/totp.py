"""Six-digit codes of an authenticator app (RFC 6238), each used once."""

import base64
import hmac
import unicodedata
from datetime import datetime

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

STEP_S = 30
_ISSUER = "navi"
_NEIGHBOURS = (0, -1, 1)  # a clock that is wrong by half a minute


class TotpKey:
    """Encrypts the secrets of the accounts with a key of its own, derived from NAVI_SECRET."""

    def __init__(self, secret: str) -> None:
        derived = HKDF(SHA256(), 32, salt=None, info=b"navi staff totp").derive(secret.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def seal(self, secret: str) -> str:
        """A secret as it is stored."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """The secret; None where it was sealed with another NAVI_SECRET."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None


def new_secret() -> str:
    """A random secret of 160 bits, base32."""
    return pyotp.random_base32()


def address(secret: str, login: str) -> str:
    """The otpauth:// address that an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret, name=login, issuer=_ISSUER).provisioning_uri()


def code_at(secret: str, at: datetime) -> str:
    """The code of this instant."""
    return pyotp.TOTP(secret).at(at)


def matching_step(secret: str, code: str, at: datetime, used: int) -> int | None:
    """The step to which the code belongs, later than the step `used`; None: it is wrong.

    Full-width digits and spaces are read as people type them.
    """
    plain = "".join(unicodedata.normalize("NFKC", code).split())
    totp, now = pyotp.TOTP(secret), int(at.timestamp()) // STEP_S
    found = None
    for step in (now + neighbour for neighbour in _NEIGHBOURS):
        same = hmac.compare_digest(totp.generate_otp(step).encode(), plain.encode())
        if same and step > used and found is None:
            found = step
    return found
