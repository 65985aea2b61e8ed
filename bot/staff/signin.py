"""Signing in: name, password and code together, one answer for everything that is wrong."""

from dataclasses import dataclass

import structlog

from bot.clock import Clock
from bot.staff import totp
from bot.staff.accounts import Accounts, Secrets, login_name
from bot.staff.audit import StaffAudit
from bot.staff.members import StaffMember
from bot.staff.passwords import Passwords, weakness
from bot.staff.sessions import StaffSession, StaffSessions
from bot.staff.throttle import Throttle

_LOG = structlog.get_logger()
_NOBODY_S_SECRET = "A" * 32


@dataclass(frozen=True)
class Visit:
    """Where somebody signs in from; cookies' values, "" where there are none."""

    address: str
    browser: str
    device: str = ""
    session: str = ""


@dataclass(frozen=True)
class SignedInNow:
    """Values for the session's and the device's cookie."""

    person: StaffMember
    session: str
    device: str


@dataclass(frozen=True)
class Refused:
    """Not signed in; `wait_s` is 0 where something was wrong, else the seconds to wait.

    `expired`: all was right, but the operator's first password has waited too long.
    """

    wait_s: int = 0
    expired: bool = False


class SignIn:
    """Joins throttle, accounts, codes, sessions and audit."""

    def __init__(
        self,
        accounts: Accounts,
        passwords: Passwords,
        throttle: Throttle,
        sessions: StaffSessions,
        audit: StaffAudit,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._passwords = passwords
        self._throttle = throttle
        self._sessions = sessions
        self._audit = audit
        self._clock = clock

    def sign_in(
        self, typed_login: str, password: str, code: str, visit: Visit
    ) -> SignedInNow | Refused:
        """Sign in; an earlier session of the same browser ends. Blocks for the hash."""
        login = login_name(typed_login)
        tried = self._throttle.begin(login, visit.address, visit.device)
        if tried.wait_s:
            return Refused(tried.wait_s)
        kept = self._accounts.secrets_of(login)
        if not self._proves(kept, password, code) or kept is None:
            self._audit.note_refused("sign_in_failed", kept.account.person if kept else None)
            return Refused()
        self._throttle.succeeded(tried)
        until = kept.account.first_until
        if until is not None and until <= self._clock():
            _LOG.warning("a first password has run out: navi staff password LOGIN --generate")
            self._audit.note("first_password_expired", kept.account.person)
            return Refused(expired=True)
        if self._passwords.is_outdated(kept.password_hash):
            self._accounts.renew_hash(kept.account, password)
        person = kept.account.person
        self._end(visit.session)
        self._audit.note("sign_in", person)
        return self._welcome(person, visit)

    def change_password(
        self, session: StaffSession, current: str, new: str, visit: Visit
    ) -> SignedInNow | Refused | str:
        """Change the own password; every session ends, and this browser gets a new one.

        Gives why the new one is not accepted (`bot.staff.passwords.weakness`, or "same").
        """
        kept = self._accounts.secrets_by_id(session.person.id)
        if kept is None or kept.account.demo:
            return "demo"
        account = kept.account
        weak = weakness(new, (account.login, account.name, "navi"))
        if weak or new == current:
            return weak or "same"
        tried = self._throttle.begin(account.login, visit.address, visit.device)
        if tried.wait_s:
            return Refused(tried.wait_s)
        if not self._passwords.fits(kept.password_hash, current):
            self._audit.note_refused("password_change_failed", account.person)
            return Refused()
        self._throttle.succeeded(tried)
        self._accounts.set_password(account, new, first=False)
        self._audit.note("password_changed", account.person)
        return self._welcome(account.person, visit)

    def _welcome(self, person: StaffMember, visit: Visit) -> SignedInNow:
        return SignedInNow(
            person,
            self._sessions.open(person.id, visit.browser, visit.address),
            self._sessions.remember_device(person.id, visit.device),
        )

    def sign_out(self, token: str) -> None:
        """End the session of this cookie."""
        session = self._sessions.find(token, in_use=False)
        if session is not None:
            self._sessions.close(session.id, session.person.id)
            self._audit.note("sign_out", session.person)

    def _end(self, token: str) -> None:
        session = self._sessions.find(token, in_use=False)
        if session is not None:
            self._sessions.close(session.id, session.person.id)

    def _proves(self, kept: Secrets | None, password: str, code: str) -> bool:
        """Both are looked at in any case, so that the time does not tell which one was wrong."""
        right = self._passwords.fits(kept.password_hash if kept else None, password)
        secret = kept.totp_secret if kept else None
        if kept is not None and secret is None:
            _LOG.error("a TOTP secret cannot be read: was NAVI_SECRET changed? navi staff totp")
        # The demo shows its codes to everybody, and two visitors may come within half a minute.
        used = kept.totp_step if kept and not kept.account.demo else 0
        step = totp.matching_step(secret or _NOBODY_S_SECRET, code, self._clock(), used)
        if not right or kept is None or secret is None or step is None:
            return False
        return kept.account.demo or self._accounts.use_step(kept.account.id, step)
