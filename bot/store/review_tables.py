"""What supervisors decided about messages that were not understood."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from actions.domain.tables import Base


class MarkRow(Base):
    """A member's message and the intent that it should have been understood as.

    It goes when its conversation goes: what is to be kept is exported as training data before.
    `intent` is empty where the message teaches nothing.
    """

    __tablename__ = "review_mark"
    __table_args__ = (
        ForeignKeyConstraint(
            ["conversation_id", "seq"],
            ["message.conversation_id", "message.seq"],
            ondelete="CASCADE",
        ),
    )

    conversation_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    intent: Mapped[str] = mapped_column(String(40))
    staff_id: Mapped[str] = mapped_column(String(32))
    marked_at: Mapped[datetime]
