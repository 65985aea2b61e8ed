"""What was said in a LINE conversation, as the journal has it."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.line.records import Waiting
from bot.channels.line.tables import LineEventRow
from bot.database import reading
from bot.handover.contacts import MARKS
from bot.messages import Choice
from bot.store.handover_tables import HandoverRow
from bot.store.handovers import log
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

    def blank(
        self, conversation_id: str, client_message_id: str, words: str, now: datetime
    ) -> str | None:
        """Replace what a member said by `words`; gives the turn, None where it was never kept.

        Consoles are told by their log, so that one that slept hears of it too.
        """
        with self._sessions.begin() as session:
            turn = session.scalars(
                select(TurnRow).where(
                    TurnRow.conversation_id == conversation_id,
                    TurnRow.client_message_id == client_message_id,
                )
            ).first()
            if turn is None:
                return None
            message = session.get_one(MessageRow, (conversation_id, turn.seq))
            _forget_contact(session, message)
            message.text = words
            turn.input = {"text": words}
            turn_id = turn.id
            log(session, "unsaid", conversation_id, now, message.seq)
            return turn_id

    def offered(self, conversation_id: str) -> tuple[str | None, list[Choice]]:
        """The question and the choices that were offered last, in order."""
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
            known = select(ChoiceRow.id, ChoiceRow.payload).where(
                ChoiceRow.conversation_id == conversation_id, ChoiceRow.seq == row.seq
            )
            payloads = {key: payload for key, payload in session.execute(known)}
            return row.question, [
                Choice(c["label"], c["value"], payloads[c["id"]], c["id"])
                for c in row.body["choices"]
                if c["id"] in payloads
            ]

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

    def was_followed(self, event: Waiting) -> bool:
        """Whether the member has written or pressed something since."""
        with reading(self._sessions) as session:
            later = select(LineEventRow.id).where(
                LineEventRow.source_id == event.source_id,
                LineEventRow.timestamp > event.timestamp,
                LineEventRow.kind.in_(("message", "postback")),
            )
            return session.scalar(later.limit(1)) is not None

    def has_feedback(self, conversation_id: str, since: datetime | None = None) -> bool:
        """Whether 「役に立ちましたか」 was answered in the conversation (since then)."""
        asked = select(FeedbackRow.id).where(FeedbackRow.conversation_id == conversation_id)
        if since is not None:
            asked = asked.where(FeedbackRow.created_at >= since)
        with reading(self._sessions) as session:
            return session.scalar(asked.limit(1)) is not None


def _forget_contact(session: Session, message: MessageRow) -> None:
    """A contact that was left in the message, where no later one stands for it."""
    left = [mark for mark in MARKS.values() if mark in message.text]
    if not left:
        return
    later = session.scalars(
        select(MessageRow.text).where(
            MessageRow.conversation_id == message.conversation_id,
            MessageRow.seq > message.seq,
            MessageRow.author == "member",
        )
    )
    if not any(mark in text for text in later for mark in MARKS.values()):
        of_talk = HandoverRow.conversation_id == message.conversation_id
        session.execute(update(HandoverRow).where(of_talk).values(contact=None))
