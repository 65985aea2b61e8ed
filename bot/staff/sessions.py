"""Who is signed in: sessions that lie on the server and end there at once."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, sessionmaker

from bot.clock import Clock
from bot.database import reading
from bot.staff.members import Role, StaffMember
from bot.staff.throttle import device_digest
from bot.store.staff_tables import StaffDeviceRow, StaffRow, StaffSessionRow

_TOUCH_EVERY = timedelta(seconds=60)
_DEVICE_KEPT = timedelta(days=180)


@dataclass(frozen=True)
class StaffSession:
    """A session in use; `csrf` belongs to it alone."""

    id: str
    person: StaffMember
    csrf: str
    login: str
    must_change_password: bool


@dataclass(frozen=True)
class OpenSession:
    """A session as its owner sees it in the list."""

    id: str
    browser: str
    address: str
    created_at: datetime
    last_seen_at: datetime


class StaffSessions:
    """Opaque tokens of 256 bits; a session ends after so long without use, and in any case."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        secret: str,
        clock: Clock,
        idle: timedelta,
        longest: timedelta,
    ) -> None:
        self._sessions = sessions
        self._key = secret.encode()
        self._clock = clock
        self._idle = idle
        self._longest = longest

    def open(self, staff_id: str, browser: str, address: str) -> str:
        """Begin a session; gives the cookie's value."""
        token, now = secrets.token_urlsafe(32), self._clock()
        row = StaffSessionRow(
            id=secrets.token_hex(12),
            digest=_digest(token),
            staff_id=staff_id,
            browser=browser[:120],
            address=address[:64],
            created_at=now,
            last_seen_at=now,
        )
        with self._sessions.begin() as session:
            session.execute(
                delete(StaffSessionRow).where(
                    (StaffSessionRow.created_at <= now - self._longest)
                    | (StaffSessionRow.last_seen_at <= now - self._idle)
                )
            )
            session.add(row)
        return token

    def find(self, token: str, in_use: bool = True) -> StaffSession | None:
        """The session behind a cookie, None where it ended or the account is disabled.

        `in_use` False: a request that the page makes by itself keeps no session alive.
        """
        if not token:
            return None
        now = self._clock()
        statement = (
            select(StaffSessionRow, StaffRow)
            .join(StaffRow, StaffRow.id == StaffSessionRow.staff_id)
            .where(
                StaffSessionRow.digest == _digest(token),
                StaffSessionRow.created_at > now - self._longest,
                StaffSessionRow.last_seen_at > now - self._idle,
                StaffRow.disabled_at.is_(None),
            )
        )
        with reading(self._sessions) as session:
            found = session.execute(statement).first()
        if found is None:
            return None
        row, staff = found
        if in_use and now - row.last_seen_at > _TOUCH_EVERY:
            self._touch(row.id, now)
        person = StaffMember(staff.id, staff.name, Role(staff.role))
        return StaffSession(
            row.id, person, self._csrf(row.id), staff.login, staff.must_change_password
        )

    def close(self, session_id: str, staff_id: str) -> None:
        """End one session of this person."""
        with self._sessions.begin() as session:
            session.execute(
                delete(StaffSessionRow).where(
                    StaffSessionRow.id == session_id, StaffSessionRow.staff_id == staff_id
                )
            )

    def close_all(self, staff_id: str) -> None:
        """End every session of this person."""
        with self._sessions.begin() as session:
            session.execute(delete(StaffSessionRow).where(StaffSessionRow.staff_id == staff_id))

    def of_person(self, staff_id: str) -> list[OpenSession]:
        """The open sessions, the latest used first."""
        now = self._clock()
        statement = (
            select(StaffSessionRow)
            .where(
                StaffSessionRow.staff_id == staff_id,
                StaffSessionRow.created_at > now - self._longest,
                StaffSessionRow.last_seen_at > now - self._idle,
            )
            .order_by(StaffSessionRow.last_seen_at.desc())
        )
        with reading(self._sessions) as session:
            return [
                OpenSession(r.id, r.browser, r.address, r.created_at, r.last_seen_at)
                for r in session.scalars(statement)
            ]

    def remember_device(self, staff_id: str, device: str) -> str:
        """Note that this account has signed in in this browser; gives the device cookie's value."""
        now = self._clock()
        with self._sessions.begin() as session:
            session.execute(
                delete(StaffDeviceRow).where(StaffDeviceRow.last_used_at < now - _DEVICE_KEPT)
            )
            known = session.get(StaffDeviceRow, device_digest(device)) if device else None
            if known is not None and known.staff_id == staff_id:
                known.last_used_at = now
                return device
            device = secrets.token_urlsafe(32)
            session.add(
                StaffDeviceRow(digest=device_digest(device), staff_id=staff_id, last_used_at=now)
            )
        return device

    def _touch(self, session_id: str, now: datetime) -> None:
        with self._sessions.begin() as session:
            session.execute(
                update(StaffSessionRow)
                .where(StaffSessionRow.id == session_id)
                .values(last_seen_at=now)
            )

    def _csrf(self, session_id: str) -> str:
        return hmac.new(self._key, f"staff csrf\0{session_id}".encode(), sha256).hexdigest()


def _digest(token: str) -> str:
    return sha256(f"staff session\0{token}".encode()).hexdigest()
