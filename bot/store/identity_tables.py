"""Tables of who is speaking: mailed codes, mails on their way, the audit trail, reported events."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from actions.domain.tables import WITHOUT_ROWID, Base


class MailedCodeRow(Base):
    """One code that was asked for, whether or not its number exists; kept for 24 hours.

    `state` is open, replaced (a newer one was asked for) or used. `expires_at` is set when the
    mail was handed over: a mail server that was down takes nothing from the member's time.
    """

    __tablename__ = "mailed_code"
    __table_args__ = (Index("ix_mailed_code_number_created_at", "number", "created_at"),)

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    number: Mapped[str] = mapped_column(String(6))
    # Keyed digests: neither the mailbox nor the sender's address can be read from them.
    mailbox_digest: Mapped[str] = mapped_column(String(64))
    origin_digest: Mapped[str] = mapped_column(String(64))
    salt: Mapped[str] = mapped_column(String(32))
    code_digest: Mapped[str] = mapped_column(String(64))
    tries_left: Mapped[int]
    state: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(index=True)
    expires_at: Mapped[datetime | None]


class OutboxRow(Base):
    """A mail on its way. `next_try_at` is also the lease of the process that sends it.

    `recipient` is empty where nothing is to be sent; it and `params` are emptied afterwards.
    `state` is waiting, done, refused (the server will not take it) or late (given up).
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_state_next_try_at", "state", "next_try_at"),)

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    recipient: Mapped[str] = mapped_column(String(320))
    params: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(8))
    tries: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None] = mapped_column(String(40))
    next_try_at: Mapped[datetime]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class AuditRow(Base):
    """Who was looked up, by which path of identity, from which conversation; what staff did.

    Append-only: the database itself refuses to change a row, and to delete one that is younger
    than a year (triggers of revision 0003). No foreign key: a row outlives its conversation.
    """

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    event: Mapped[str] = mapped_column(String(24))
    identity_path: Mapped[str] = mapped_column(String(8))
    number: Mapped[str] = mapped_column(String(6), index=True)
    conversation_id: Mapped[str] = mapped_column(String(32))
    # What staff did: who (None: the operator at the prompt, or a member), and to what.
    staff_id: Mapped[str | None] = mapped_column(String(24), index=True)
    detail: Mapped[str | None] = mapped_column(String(200))


class RegistryEventRow(Base):
    """An event that the cooperative's systems reported; its id makes a repeated one harmless."""

    __tablename__ = "registry_event"
    __table_args__ = (Index("ix_registry_event_received_at", "received_at"), WITHOUT_ROWID)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime]
    received_at: Mapped[datetime]
