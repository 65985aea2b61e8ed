"""A demo agent and a demo supervisor, with secrets that everybody may read (demo mode only)."""

import base64
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.staff import totp
from bot.staff.members import Role
from bot.staff.passwords import Passwords
from bot.store.staff_tables import StaffRow


@dataclass(frozen=True)
class DemoAccount:
    """One of the two; the id is fixed, so that a demo's data outlive a restart."""

    id: str
    login: str
    name: str
    role: Role
    password: str

    @property
    def totp_secret(self) -> str:
        """Fixed as well: an authenticator app of a visitor goes on working."""
        return base64.b32encode(sha256(f"demo {self.login}".encode()).digest()[:20]).decode()


DEMO_ACCOUNTS = (
    DemoAccount("demo-agent", "demo-agent", "デモ 花子", Role.agent, "hanako-demo-2026"),
    DemoAccount(
        "demo-supervisor", "demo-supervisor", "デモ 一郎", Role.supervisor, "ichiro-demo-2026"
    ),
)


def load_demo_staff(
    session: Session, passwords: Passwords, key: totp.TotpKey, clock: Clock
) -> None:
    """Add the demo accounts that are missing."""
    for account in DEMO_ACCOUNTS:
        if session.get(StaffRow, account.id) is None:
            session.add(
                StaffRow(
                    id=account.id,
                    login=account.login,
                    name=account.name,
                    role=account.role.value,
                    password_hash=passwords.hash(account.password),
                    must_change_password=False,
                    totp_secret=key.seal(account.totp_secret),
                    demo=True,
                    created_at=clock(),
                )
            )


def demo_staff_stored(session: Session) -> list[str]:
    """Login names of the demo accounts in this database."""
    return list(
        session.scalars(select(StaffRow.login).where(StaffRow.demo).order_by(StaffRow.login))
    )
