"""What was said in a LINE conversation, as the journal has it."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.line.tables import LineEventRow
from bot.database import reading
from bot.store.tables import ChoiceRow, FeedbackRow, MessageRow, TurnRow


class Said:
    """Reads and unsays through sessions of `session_factory`."""

    def __init__(self, session_factory: sessionmaker[Session]) -> None:
        self._sessions = session_factory

    def of_message(self, message_id: str, kind: str) -> tuple[str, str | None] | None:
        """(event, its conversation) in which a LINE message came (message) or went (unsend)."""
        with reading(self._sessions) as session:
            row = session.scalars(
                select(LineEventRow)
                .where(LineEventRow.message_id == message_id, LineEventRow.kind == kind)
                .limit(1)
            ).first()
            return (row.id, row.conversation_id) if row else None

    def blank(self, conversation_id: str, client_message_id: str, words: str) -> str | None:
        """Replace what a member said by `words`; gives the turn, None where it was never kept."""
        with self._sessions.begin() as session:
            turn = session.scalars(
                select(TurnRow).where(
                    TurnRow.conversation_id == conversation_id,
                    TurnRow.client_message_id == client_message_id,
                )
            ).first()
            if turn is None:
                return None
            session.get_one(MessageRow, (conversation_id, turn.seq)).text = words
            turn.input = {"text": words}
            return turn.id

    def offered(self, conversation_id: str) -> tuple[str | None, list[tuple[str, str]]]:
        """The question and the (id, label) of the choices that were offered last, in order."""
        with reading(self._sessions) as session:
            newest = (
                select(func.max(ChoiceRow.seq))
                .where(ChoiceRow.conversation_id == conversation_id)
                .scalar_subquery()
            )
            row = session.scalars(
                select(MessageRow).where(
                    MessageRow.conversation_id == conversation_id, MessageRow.seq == newest
                )
            ).first()
            if row is None:
                return None, []
            return row.question, [(c["id"], c["label"]) for c in row.body["choices"]]

    def was_advised(self, conversation_id: str, before: int) -> bool:
        """Whether an outcome was told before message `before`."""
        with reading(self._sessions) as session:
            found = session.scalar(
                select(MessageRow.seq)
                .where(
                    MessageRow.conversation_id == conversation_id,
                    MessageRow.seq < before,
                    MessageRow.outcome.is_not(None),
                )
                .limit(1)
            )
            return found is not None

    def has_feedback(self, conversation_id: str, since: datetime | None = None) -> bool:
        """Whether 「役に立ちましたか」 was answered in the conversation (since then)."""
        asked = select(FeedbackRow.id).where(FeedbackRow.conversation_id == conversation_id)
        if since is not None:
            asked = asked.where(FeedbackRow.created_at >= since)
        with reading(self._sessions) as session:
            return session.scalar(asked.limit(1)) is not None
