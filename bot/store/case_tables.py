"""Tables of the telephone cases: the header of a case, and the checks of who is calling."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from actions.domain.tables import Base


class CaseRow(Base):
    """One call. `number` is what was chosen from the search, verified or not.

    `state` is open, paused or closed. `verified_how` is checklist or callback and holds until
    `verified_until`: a verification belongs to one call. `refused_at`: too many wrong answers.
    `noted` is the text of all notes, only to be searched.
    """

    __tablename__ = "phone_case"
    __table_args__ = (
        Index("ix_phone_case_state_updated_at", "state", "updated_at"),
        Index("ix_phone_case_follow_up_on", "follow_up_on"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[str | None] = mapped_column(String(6), index=True)
    member_name: Mapped[str] = mapped_column(String(200), default="")
    caller: Mapped[str] = mapped_column(String(100), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    # No foreign key to the account: the case outlives it, under the name of that day.
    staff_id: Mapped[str] = mapped_column(String(32), index=True)
    staff_name: Mapped[str] = mapped_column(String(100))
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversation.id", ondelete="SET NULL"), index=True
    )
    verified_at: Mapped[datetime | None]
    verified_until: Mapped[datetime | None]
    verified_how: Mapped[str | None] = mapped_column(String(12))
    verified_items: Mapped[list[str]] = mapped_column(JSON, default=list)
    refused_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(8), default="open")
    outcome: Mapped[str | None] = mapped_column(String(40))
    topic: Mapped[str | None] = mapped_column(String(40))
    agreed: Mapped[str] = mapped_column(Text, default="")
    noted: Mapped[str] = mapped_column(Text, default="")
    follow_up_on: Mapped[date | None]
    follow_up_done_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class CaseCheckRow(Base):
    """One question of the checklist and whether the caller's answer was right; never the answer."""

    __tablename__ = "case_check"
    __table_args__ = (Index("ix_case_check_number_at", "number", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(
        ForeignKey("phone_case.id", ondelete="CASCADE"), index=True
    )
    number: Mapped[str] = mapped_column(String(6))
    item: Mapped[str] = mapped_column(String(12))
    matched: Mapped[bool]
    staff_id: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
