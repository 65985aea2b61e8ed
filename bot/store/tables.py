"""Tables of the conversations: the journal, its turns, the choices that were offered."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from actions.domain.tables import Base


class ConversationRow(Base):
    """One conversation. Its identity lies here and nowhere in the dialogue."""

    __tablename__ = "conversation"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    access_digest: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(16))
    member_number: Mapped[str | None] = mapped_column(String(6))
    member_kind: Mapped[str | None] = mapped_column(String(16))
    # How the number was proven (site, mail, line) and until when; None: as long as it lasts.
    identity_path: Mapped[str | None] = mapped_column(String(8))
    identity_until: Mapped[datetime | None]
    mailbox_digest: Mapped[str | None] = mapped_column(String(64))
    # What the mailed code waits for (number, code), and until when.
    awaiting: Mapped[str | None] = mapped_column(String(8))
    awaiting_until: Mapped[datetime | None]
    demo_now: Mapped[datetime | None]
    last_seq: Mapped[int] = mapped_column(default=0)
    # The dialogue's own id is "<id>~<epoch>": a conversation that got stuck goes on afresh.
    epoch: Mapped[int] = mapped_column(default=0)
    failures_in_a_row: Mapped[int] = mapped_column(default=0)
    # Who speaks: null is the bot, else a staff id. The version grows at each change of hands.
    owner: Mapped[str | None] = mapped_column(String(32), index=True)
    owner_name: Mapped[str | None] = mapped_column(String(80))
    owner_since: Mapped[datetime | None]
    owner_version: Mapped[int] = mapped_column(default=0, server_default="0")
    # The open request for a person (`handover`), where there is one.
    handover_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    last_at: Mapped[datetime]


class MessageRow(Base):
    """One message of the journal, as it was shown. `body` holds choices, links, card, facts."""

    __tablename__ = "message"
    __table_args__ = (UniqueConstraint("id"),)

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(36))
    author: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(Text)
    topic: Mapped[str | None] = mapped_column(String(40))
    outcome: Mapped[str | None] = mapped_column(String(40))
    question: Mapped[str | None] = mapped_column(String(40))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    turn_id: Mapped[str | None] = mapped_column(String(36))
    created_at: Mapped[datetime]


class TurnRow(Base):
    """A member's message on its way to an answer; `input` is what the dialogue is given."""

    __tablename__ = "turn"
    __table_args__ = (
        UniqueConstraint("conversation_id", "client_message_id"),
        Index(
            "ix_turn_pending",
            "conversation_id",
            "seq",
            sqlite_where=text("status = 'pending'"),
            postgresql_where=text("status = 'pending'"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    client_message_id: Mapped[str] = mapped_column(String(36))
    body_digest: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int]
    input: Mapped[dict[str, Any]] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(String(8))
    # The conversation's when the message was committed: an answer from before a change of hands
    # comes too late.
    owner_version: Mapped[int] = mapped_column(default=0, server_default="0")
    failure: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


# The word itself and no parameter: whether a partial index can be used depends on it, so that
# SQLite would plan the statement anew at each execution.
IS_PENDING = TurnRow.status == literal_column("'pending'")


class ChoiceRow(Base):
    """A choice that was offered; the payload never leaves the server."""

    __tablename__ = "choice"
    __table_args__ = (Index("ix_choice_conversation_id_seq", "conversation_id", "seq"),)

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    seq: Mapped[int]
    label: Mapped[str] = mapped_column(String(80))
    payload: Mapped[str] = mapped_column(String(200))


class UsedTokenRow(Base):
    """An identity token's `jti` that was used; kept until the token would expire anyway."""

    __tablename__ = "used_token"

    jti: Mapped[str] = mapped_column(String(128), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class FeedbackRow(Base):
    """「役に立ちましたか」: an answer to it, and the message that it followed."""

    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    seq: Mapped[int]
    helpful: Mapped[bool]
    comment: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]


class SwitchRow(Base):
    """A switch that staff can throw while the product runs (`bot`)."""

    __tablename__ = "switch"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    on: Mapped[bool] = mapped_column("is_on")
    changed_at: Mapped[datetime]
