"""Tables of the staff: accounts, sessions, devices that signed in before, tries to sign in."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from actions.domain.tables import Base


class StaffRow(Base):
    """One account. Accounts are disabled, never deleted: the audit trail names them."""

    __tablename__ = "staff"

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str] = mapped_column(String(200))
    # The operator knows the first password, so its owner replaces it before anything else.
    must_change_password: Mapped[bool]
    password_set_at: Mapped[datetime | None]
    # Encrypted (bot.staff.totp); the newest step whose code was used, so that none is used twice.
    totp_secret: Mapped[str] = mapped_column(String(400))
    totp_step: Mapped[int] = mapped_column(default=0)
    demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class StaffSessionRow(Base):
    """A signed-in browser. The cookie's value is not stored, only its digest."""

    __tablename__ = "staff_session"

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    browser: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]


class StaffDeviceRow(Base):
    """A browser in which this account has signed in before (digest of its cookie)."""

    __tablename__ = "staff_device"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    last_used_at: Mapped[datetime] = mapped_column(index=True)


class StaffTryRow(Base):
    """A try to sign in that has not succeeded; written before the password is looked at.

    Keyed digests: what was typed as a login name may be a password.
    """

    __tablename__ = "staff_try"
    __table_args__ = (
        Index("ix_staff_try_login_digest_at", "login_digest", "at"),
        Index("ix_staff_try_address_digest_at", "address_digest", "at"),
    )

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    login_digest: Mapped[str] = mapped_column(String(64))
    address_digest: Mapped[str] = mapped_column(String(64))
    device_digest: Mapped[str | None] = mapped_column(String(64), index=True)
