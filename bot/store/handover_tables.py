"""Tables of handing over: requests, staff's words on their way, presence, hours, the event log."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from actions.domain.tables import Base


class HandoverRow(Base):
    """A person is wanted in a conversation. At most one of a conversation's rows is open.

    `state` is waiting, owned, given_back, answered, closed or given_up (the member fell silent);
    `reason` asked, misunderstood, outcome, failed (no answer could be made), off (the bot is
    switched off) or taken (staff came by themselves); `answer_by` here, phone or mail. `contact` is
    what a guest typed for it, kept nowhere else.
    """

    __tablename__ = "handover"
    __table_args__ = (
        Index(
            "ix_handover_open",
            "conversation_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(16))
    topic: Mapped[str | None] = mapped_column(String(40))
    outcome: Mapped[str | None] = mapped_column(String(40))
    urgent: Mapped[bool] = mapped_column(default=False)
    answer_by: Mapped[str | None] = mapped_column(String(8))
    # phone or mail: the member's next message is to hold it.
    awaiting: Mapped[str | None] = mapped_column(String(8))
    contact: Mapped[str | None] = mapped_column(String(320))
    # The message that the member left out of hours.
    message_seq: Mapped[int | None]
    requested_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    first_answer_at: Mapped[datetime | None]
    # Since when a word of the member waits for one of the owner's.
    unanswered_since: Mapped[datetime | None]
    member_at: Mapped[datetime]
    staff_at: Mapped[datetime | None]
    staff_id: Mapped[str | None] = mapped_column(String(32))
    staff_name: Mapped[str | None] = mapped_column(String(80))
    ended_at: Mapped[datetime | None] = mapped_column(index=True)


class OutgoingRow(Base):
    """Words for the member that answer no turn: a person's, or the desk's own at a change of owner.

    `id` is the client's for a person's words (the same again changes nothing). `delivery` is
    journal on the web, waiting until LINE took it, else how it ended there.
    """

    __tablename__ = "outgoing"
    __table_args__ = (
        UniqueConstraint("conversation_id", "client_message_id"),
        Index(
            "ix_outgoing_waiting",
            "conversation_id",
            "seq",
            sqlite_where=text("delivery = 'waiting'"),
            postgresql_where=text("delivery = 'waiting'"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    client_message_id: Mapped[str] = mapped_column(String(36))
    body_digest: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int]
    staff_id: Mapped[str | None] = mapped_column(String(32))
    delivery: Mapped[str] = mapped_column(String(16))
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]


# As `tables.IS_PENDING`: with a parameter SQLite would plan the statement at each execution.
IS_WAITING = OutgoingRow.delivery == literal_column("'waiting'")


class DeskEventRow(Base):
    """What happened in conversations that staff watch; ids only grow, in the order of commits."""

    __tablename__ = "desk_event"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(16))
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    seq: Mapped[int | None]
    staff_id: Mapped[str | None] = mapped_column(String(32))


class PresenceRow(Base):
    """A console that is open (`seen_at`) and whose switch is on (`accepting`)."""

    __tablename__ = "presence"

    staff_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    accepting: Mapped[bool] = mapped_column(default=True)
    seen_at: Mapped[datetime]


class ShiftRow(Base):
    """A weekly opening time: weekday 0 (Monday) to 6, minutes since midnight in Tokyo."""

    __tablename__ = "office_shift"

    weekday: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    opens: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    closes: Mapped[int]


class SpecialDayRow(Base):
    """A day with opening times of its own; without any shift of its own it is closed."""

    __tablename__ = "office_special_day"

    day: Mapped[date] = mapped_column("date", primary_key=True)
    reason: Mapped[str] = mapped_column(String(200), default="")


class SpecialShiftRow(Base):
    """An opening time of a special day, minutes since midnight in Tokyo."""

    __tablename__ = "office_special_shift"

    day: Mapped[date] = mapped_column(
        "date", ForeignKey("office_special_day.date", ondelete="CASCADE"), primary_key=True
    )
    opens: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    closes: Mapped[int]


class NoteRow(Base):
    """A note for colleagues; no member ever sees it."""

    __tablename__ = "conversation_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    staff_id: Mapped[str] = mapped_column(String(32))
    staff_name: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class SavedAnswerRow(Base):
    """A text to insert into an answer; `staff_id` null: everybody's."""

    __tablename__ = "saved_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[str | None] = mapped_column(String(32), index=True)
    title: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime]


class ResolutionRow(Base):
    """Whether a conversation led somewhere (`bot.handover.resolution`), once that is known."""

    __tablename__ = "resolution"

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True
    )
    state: Mapped[str] = mapped_column(String(12), index=True)
    cause: Mapped[str] = mapped_column(String(20))
    outcome_then: Mapped[str | None] = mapped_column(String(40))
    outcome_later: Mapped[str | None] = mapped_column(String(40))
    computed_at: Mapped[datetime]
