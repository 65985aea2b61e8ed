"""The registry's tables, and the rules that every table of the product keeps.

A member's applications and mails have no ids of their own: they are replaced wholly at
each import, so their place under the registration number is their key. That also makes
one look-up three neighbouring index ranges.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    MetaData,
    String,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

READ_ONLY: Mapping[str, Any] = {"navi_begin": "read only", "postgresql_readonly": True}
"""Execution options of a transaction that only reads: it waits for no writer, and a write
in it is an error on both databases (see `bot.database`)."""

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite then keeps the rows themselves in the order of the key: half the pages to write.
WITHOUT_ROWID = {"sqlite_with_rowid": False}


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Takes aware datetimes only and gives them back in UTC, on any database.

    A datetime without a time zone raises ValueError: guessing one would move events
    around midnight to another day.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The value as UTC; SQLite stores it without its offset."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The stored instant in UTC (SQLite keeps no offset, PostgreSQL the session's)."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all tables: one naming convention, instants as `UtcDateTime`."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012 - SQLAlchemy's own attribute


class MemberRow(Base):
    """One registration number; `as_of` is the instant to which its state belongs."""

    __tablename__ = "member"
    __table_args__ = WITHOUT_ROWID

    number: Mapped[str] = mapped_column(String(6), primary_key=True)
    kind: Mapped[str | None] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200), default="")
    kana: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(320), default="")
    phone: Mapped[str | None] = mapped_column(String(40))
    web_registered_on: Mapped[date | None]
    as_of: Mapped[datetime]
    demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ApplicationRow(Base):
    """One application for My Page; `position` counts from 0 in the order of the import."""

    __tablename__ = "application"
    __table_args__ = WITHOUT_ROWID

    number: Mapped[str] = mapped_column(
        ForeignKey("member.number", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    applied_at: Mapped[datetime]
    url_clicked_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]


class MailRow(Base):
    """One mail of an application; kinds and statuses as in `actions.domain.registration`."""

    __tablename__ = "mail"
    __table_args__ = (
        ForeignKeyConstraint(
            ["number", "application"],
            ["application.number", "application.position"],
            ondelete="CASCADE",
        ),
        WITHOUT_ROWID,
    )

    number: Mapped[str] = mapped_column(String(6), primary_key=True)
    application: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    sent_at: Mapped[datetime | None]
    # The instant of the reported event that the status comes from; None: from an import.
    status_at: Mapped[datetime | None]


class ClosureRow(Base):
    """A day on which the office is closed beyond weekends, holidays and the year's end."""

    __tablename__ = "closure"

    day: Mapped[date] = mapped_column("date", primary_key=True)
    reason: Mapped[str] = mapped_column(String(200), default="")


class CutoffRow(Base):
    """The real cut-off day of one month, `YYYY-MM`, where it is not the usual one."""

    __tablename__ = "billing_cutoff"
    __table_args__ = (CheckConstraint("day BETWEEN 1 AND 31", name="day_of_month"),)

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    day: Mapped[int]


class ImportRow(Base):
    """One finished import; `as_of` is what its members' state carries as 「現在」."""

    __tablename__ = "registry_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    as_of: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(1000))
    members: Mapped[int]
    applications: Mapped[int]
