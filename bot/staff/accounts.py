"""Staff accounts: made and changed by the operator; their owners change their password."""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session, sessionmaker

from bot.clock import Clock
from bot.database import reading
from bot.errors import NaviError
from bot.staff import totp
from bot.staff.members import Role, StaffMember
from bot.staff.passwords import Passwords
from bot.store.staff_tables import StaffDeviceRow, StaffRow, StaffSessionRow

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")


class AccountProblem(NaviError, slug="staff-account", status=422):
    """An account cannot be made, found or changed; the sentence is English, for the operator."""


@dataclass(frozen=True)
class Account:
    """An account without its secrets."""

    id: str
    login: str
    name: str
    role: Role
    demo: bool
    created_at: datetime
    disabled_at: datetime | None
    must_change_password: bool
    # Until when the operator's first password opens the console; None: it is the owner's own.
    first_until: datetime | None = None

    @property
    def person(self) -> StaffMember:
        """As the console knows them."""
        return StaffMember(self.id, self.name, self.role)


@dataclass(frozen=True)
class Secrets:
    """What signing in is checked against; `totp_secret` is None where it cannot be read."""

    account: Account
    password_hash: str
    totp_secret: str | None
    totp_step: int


def login_name(typed: str) -> str:
    """A login name as it is stored: half-width, small."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


class Accounts:
    """The table `staff`. Demo accounts are not there outside demo mode, whatever is stored."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        passwords: Passwords,
        key: totp.TotpKey,
        clock: Clock,
        demo: bool,
        first_for: timedelta,
    ) -> None:
        """`first_for`: how long the operator's first password may wait for its owner."""
        self._sessions = sessions
        self._passwords = passwords
        self._key = key
        self._clock = clock
        self._demo = demo
        self._first_for = first_for

    def add(
        self, login: str, name: str, role: Role, password: str, first: bool = True
    ) -> tuple[Account, str]:
        """Make an account; gives it and its TOTP secret, which is shown once.

        `first`: the password is replaced by its owner at the first sign-in. Raises AccountProblem.
        """
        login, secret = login_name(login), totp.new_secret()
        if not LOGIN.fullmatch(login):
            raise AccountProblem(f"{login!r} is no login name (a-z, 0-9, dot, - and _; 2 to 64)")
        if not 1 <= len(name.strip()) <= 80:
            raise AccountProblem("the name is empty or longer than 80 characters")
        row = StaffRow(
            id=secrets.token_hex(12),
            login=login,
            name=name.strip(),
            role=role.value,
            password_hash=self._passwords.hash(password),
            must_change_password=first,
            password_set_at=self._clock(),
            totp_secret=self._key.seal(secret),
            created_at=self._clock(),
        )
        with self._sessions.begin() as session:
            if session.scalar(select(StaffRow.id).where(StaffRow.login == login)):
                raise AccountProblem(f"there is an account {login} already")
            session.add(row)
        return self._account(row), secret

    def secrets_of(self, login: str) -> Secrets | None:
        """What an enabled account is checked against; None where there is none."""
        return self._secrets(StaffRow.login == login)

    def secrets_by_id(self, staff_id: str) -> Secrets | None:
        """The same, for somebody who is signed in."""
        return self._secrets(StaffRow.id == staff_id)

    def _secrets(self, which: ColumnElement[bool]) -> Secrets | None:
        with reading(self._sessions) as session:
            row = session.scalar(select(StaffRow).where(which, *self._usable()))
        if row is None:
            return None
        secret = self._key.open(row.totp_secret)
        return Secrets(self._account(row), row.password_hash, secret, row.totp_step)

    def find(self, login: str) -> Account:
        """Any account. Raises AccountProblem where there is none."""
        with reading(self._sessions) as session:
            row = session.scalar(select(StaffRow).where(StaffRow.login == login_name(login)))
        if row is None:
            raise AccountProblem(f"there is no account {login_name(login)}")
        return self._account(row)

    def all(self) -> list[Account]:
        """Every account, by login name."""
        with reading(self._sessions) as session:
            rows = session.scalars(select(StaffRow).order_by(StaffRow.login))
            return [self._account(row) for row in rows]

    def in_use(self) -> bool:
        """Whether anybody could sign in: at least one account is enabled."""
        with reading(self._sessions) as session:
            return session.scalar(select(StaffRow.id).where(*self._usable()).limit(1)) is not None

    def use_step(self, account_id: str, step: int) -> bool:
        """Mark a code as used; False where this or a later one was used meanwhile."""
        with self._sessions.begin() as session:
            changed = session.execute(
                update(StaffRow)
                .where(StaffRow.id == account_id, StaffRow.totp_step < step)
                .values(totp_step=step)
                .returning(StaffRow.id)
            )
            return changed.first() is not None

    def set_password(self, account: Account, password: str, first: bool) -> None:
        """Another password; every session of the account ends."""
        self._change(
            account,
            password_hash=self._passwords.hash(password),
            must_change_password=first,
            password_set_at=self._clock(),
        )

    def renew_hash(self, account: Account, password: str) -> None:
        """The same password, hashed with today's parameters; nobody is signed out."""
        hashed = self._passwords.hash(password)
        with self._sessions.begin() as session:
            found = StaffRow.id == account.id
            session.execute(update(StaffRow).where(found).values(password_hash=hashed))

    def set_totp(self, account: Account) -> str:
        """A new TOTP secret, which is given back once; sessions and known devices end."""
        secret = totp.new_secret()
        self._change(account, totp_secret=self._key.seal(secret), totp_step=0)
        with self._sessions.begin() as session:
            session.execute(delete(StaffDeviceRow).where(StaffDeviceRow.staff_id == account.id))
        return secret

    def set_role(self, account: Account, role: Role) -> None:
        """Another role; the person signs in anew."""
        self._change(account, role=role.value)

    def disable(self, account: Account) -> None:
        """Nobody can sign in any more, and who is signed in is out at once."""
        self._change(account, disabled_at=self._clock())

    def enable(self, account: Account) -> None:
        """The account can be used again."""
        self._change(account, disabled_at=None)

    def _change(self, account: Account, **values: object) -> None:
        with self._sessions.begin() as session:
            session.execute(update(StaffRow).where(StaffRow.id == account.id).values(**values))
            session.execute(delete(StaffSessionRow).where(StaffSessionRow.staff_id == account.id))

    def _usable(self) -> list[ColumnElement[bool]]:
        usable: list[ColumnElement[bool]] = [StaffRow.disabled_at.is_(None)]
        if not self._demo:
            usable.append(StaffRow.demo.is_(False))
        return usable

    def _account(self, row: StaffRow) -> Account:
        first_since = row.password_set_at or row.created_at
        return Account(
            id=row.id,
            login=row.login,
            name=row.name,
            role=Role(row.role),
            demo=row.demo,
            created_at=row.created_at,
            disabled_at=row.disabled_at,
            must_change_password=row.must_change_password,
            first_until=first_since + self._first_for if row.must_change_password else None,
        )
