"""How often somebody may try to sign in, without an attacker locking the real person out.

A browser in which the account has signed in before has a budget of its own ("device cookie"):
whatever strangers do, its owner goes on. Strangers share the budgets of their address and of the
account. Tries are counted before the password is looked at, so parallel guesses gain nothing, and
in the database, so a restart gives nothing back.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, delete, select, text
from sqlalchemy.orm import Session, sessionmaker

from bot.clock import Clock
from bot.store.staff_tables import StaffDeviceRow, StaffRow, StaffTryRow

KEPT = timedelta(hours=1)
_LOCK = 0x7374616666  # "staff": tries are counted one after the other on PostgreSQL


@dataclass(frozen=True)
class Budget:
    """So many failed tries in so long a time."""

    most: int
    within: timedelta

    def wait(self, tries: list[datetime], now: datetime) -> timedelta:
        """How long until the next try is allowed; zero: now."""
        young = sorted(at for at in tries if at > now - self.within)
        if len(young) < self.most:
            return timedelta(0)
        return young[len(young) - self.most] + self.within - now


_QUARTER = timedelta(minutes=15)
BUDGETS: Mapping[str, Budget] = {
    "device": Budget(5, _QUARTER),
    "pair": Budget(5, _QUARTER),  # of a login name and an address
    "address": Budget(20, _QUARTER),
    "login": Budget(30, KEPT),  # of all strangers together
}


@dataclass(frozen=True)
class Tried:
    """A try that was counted, to be taken back when it succeeds; or how long to wait."""

    id: str
    wait_s: int = 0


class Throttle:
    """Counts tries for login names as they were typed, whether or not they exist."""

    def __init__(self, sessions: sessionmaker[Session], secret: str, clock: Clock) -> None:
        self._sessions = sessions
        self._key = secret.encode()
        self._clock = clock

    def begin(self, login: str, address: str, device: str) -> Tried:
        """Count a try, or say how long to wait. `device` is the cookie's value, "" without."""
        now = self._clock()
        with self._sessions.begin() as session:
            _alone(session)
            session.execute(delete(StaffTryRow).where(StaffTryRow.at < now - KEPT))
            known = self._known_device(session, login, device)
            row = StaffTryRow(
                id=secrets.token_hex(12),
                at=now,
                login_digest=self._digest("login", login),
                address_digest=self._digest("address", address),
                device_digest=known,
            )
            wait = _wait(session, row, now)
            if wait > timedelta(0):
                return Tried("", max(1, -(-wait // timedelta(seconds=1))))
            session.add(row)
        return Tried(row.id)

    def succeeded(self, tried: Tried) -> None:
        """Take the try back: only failures count."""
        with self._sessions.begin() as session:
            session.execute(delete(StaffTryRow).where(StaffTryRow.id == tried.id))

    def forgive(self, login: str) -> None:
        """Forget the failures for a login name (the operator gave it a new password)."""
        with self._sessions.begin() as session:
            session.execute(
                delete(StaffTryRow).where(StaffTryRow.login_digest == self._digest("login", login))
            )

    def _known_device(self, session: Session, login: str, device: str) -> str | None:
        if not device:
            return None
        return session.scalar(
            select(StaffDeviceRow.digest)
            .join(StaffRow, StaffRow.id == StaffDeviceRow.staff_id)
            .where(StaffDeviceRow.digest == device_digest(device), StaffRow.login == login)
        )

    def _digest(self, kind: str, value: str) -> str:
        return hmac.new(self._key, f"staff {kind}\0{value}".encode(), sha256).hexdigest()


def device_digest(device: str) -> str:
    """What is stored of a device cookie (256 random bits)."""
    return sha256(f"device\0{device}".encode()).hexdigest()


def _alone(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _wait(session: Session, row: StaffTryRow, now: datetime) -> timedelta:
    """The longest wait of the budgets that this try belongs to."""

    def tries(*where: ColumnElement[bool]) -> list[datetime]:
        statement = select(StaffTryRow.at).where(*where, StaffTryRow.at > now - KEPT)
        return list(session.scalars(statement.order_by(StaffTryRow.at.desc()).limit(40)))

    if row.device_digest is not None:
        own = tries(StaffTryRow.device_digest == row.device_digest)
        return BUDGETS["device"].wait(own, now)
    stranger = StaffTryRow.device_digest.is_(None)
    same_login = StaffTryRow.login_digest == row.login_digest
    same_address = StaffTryRow.address_digest == row.address_digest
    return max(
        BUDGETS["pair"].wait(tries(stranger, same_login, same_address), now),
        BUDGETS["address"].wait(tries(stranger, same_address), now),
        BUDGETS["login"].wait(tries(stranger, same_login), now),
    )
