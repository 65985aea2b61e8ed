"""Tables of the guided script: what was asked and answered in a case, and notes on its steps."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from actions.domain.tables import Base


class ScriptStepRow(Base):
    """One step of a call; kept with its case when the conversation's journal is deleted.

    `seq` is the place of the caller's (or clerk's) message in the journal. `kind` is answer,
    topic, words or failed; `question` was open before, `asks` is open after; `answers` are the
    check's answers after the step (`Claims.from_values`); `source` is caller, registry or staff
    (who changed an answer).
    """

    __tablename__ = "script_step"

    case_id: Mapped[str] = mapped_column(
        ForeignKey("phone_case.id", ondelete="CASCADE"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    said: Mapped[str] = mapped_column(Text)
    question: Mapped[str | None] = mapped_column(String(40))
    asks: Mapped[str | None] = mapped_column(String(40))
    topic: Mapped[str | None] = mapped_column(String(40))
    outcome: Mapped[str | None] = mapped_column(String(40))
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(String(8))
    # Whether the caller was verified: what was said then may tell of the registry.
    verified: Mapped[bool]
    at: Mapped[datetime]


class ScriptNoteRow(Base):
    """A clerk's note on a step (`seq`; 0: on the call); one `client_id` is one note."""

    __tablename__ = "script_note"

    case_id: Mapped[str] = mapped_column(
        ForeignKey("phone_case.id", ondelete="CASCADE"), primary_key=True
    )
    client_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    seq: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    staff_name: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime]
