"""Tables of the LINE channel: who writes there, events on their way, account links."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from actions.domain.tables import Base


class LineSourceRow(Base):
    """A LINE user, or a group or room. `leased_until` makes one worker answer it at a time."""

    __tablename__ = "line_source"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversation.id", ondelete="SET NULL"), index=True
    )
    member_number: Mapped[str | None] = mapped_column(String(6))
    linked_at: Mapped[datetime | None]
    blocked: Mapped[bool] = mapped_column(default=False)
    # When the notice (a user) or the one sentence (a group) was said.
    told_at: Mapped[datetime | None]
    lease: Mapped[str | None] = mapped_column(String(36))
    leased_until: Mapped[datetime | None]


class LineEventRow(Base):
    """A webhook event. `body` is emptied when the event is done: what was said is in the journal.

    `timestamp` is LINE's, in milliseconds; `token_from` the last receipt, from which the reply
    token lives; `delivery` how far the answer got.
    """

    __tablename__ = "line_event"
    __table_args__ = (
        Index(
            "ix_line_event_waiting",
            "source_id",
            "timestamp",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    source_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(32))
    timestamp: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[str | None] = mapped_column(String(64), index=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    received_at: Mapped[datetime]
    token_from: Mapped[datetime]
    not_before: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    # Fixed at the first attempt, so that a second one finds the same turn.
    conversation_id: Mapped[str | None] = mapped_column(String(32))
    delivery: Mapped[str | None] = mapped_column(String(16))
    done_at: Mapped[datetime | None] = mapped_column(index=True)


class LineLinkTokenRow(Base):
    """For whom a link token of LINE was issued (SHA-256 of it)."""

    __tablename__ = "line_link_token"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    source_id: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(index=True)


class LineNonceRow(Base):
    """A nonce of the member site (SHA-256 of it): who logged in, for which LINE user; used once."""

    __tablename__ = "line_nonce"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    source_id: Mapped[str] = mapped_column(String(64))
    member_number: Mapped[str] = mapped_column(String(6))
    expires_at: Mapped[datetime] = mapped_column(index=True)
    # The accountLink event that used it: the same event again is no second use.
    used_by: Mapped[str | None] = mapped_column(String(64))
