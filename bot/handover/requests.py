"""Requests for a person: made and completed in the transaction that commits the bot's replies."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.handover.wishes import Wish, stronger, wish_of
from bot.messages import Draft, Message
from bot.store.handover_tables import HandoverRow
from bot.store.handovers import log
from bot.store.records import NoteReplies, Place, Turn
from bot.store.tables import ConversationRow

WAITING, OWNED = "waiting", "owned"


class Requests:
    """Makes requests while `in_use` says that somebody works with the console."""

    def __init__(self, in_use: Callable[[], bool]) -> None:
        self.in_use = in_use

    def noting(self, channel: str, turn: Turn, drafts: Sequence[Draft]) -> NoteReplies | None:
        """What the journal calls while it commits `drafts`; None where no person is wanted."""
        wish = wish_of(drafts)
        # Channel `staff`: a clerk is on the line already.
        if wish is None or channel == "staff" or not self.in_use():
            return None
        wanted = wish

        def note(session: Session, place: Place, _: Sequence[Message], now: datetime) -> None:
            add_wish(session, place, wanted, turn.seq, now)

        return note


def add_wish(session: Session, place: Place, wish: Wish, seq: int, now: datetime) -> None:
    """Open a request, or complete the open one."""
    row = session.get(HandoverRow, place.handover_id) if place.handover_id else None
    if row is None:
        row = open_request(session, place.conversation_id, wish.reason or "asked", now)
        row.topic, row.outcome = wish.topic, wish.outcome
        log(session, "requested", place.conversation_id, now, place.last_seq)
    row.reason = stronger(row.reason, wish.reason)
    row.urgent = row.urgent or wish.urgent
    row.outcome = wish.outcome or row.outcome
    if wish.answer_by is not None:
        row.answer_by, row.awaiting, row.contact = wish.answer_by, wish.awaiting, None
    if wish.left:
        row.message_seq = seq
    session.flush()


def open_request(session: Session, conversation_id: str, reason: str, now: datetime) -> HandoverRow:
    """A new open request, known to its conversation; the conversation's row is locked."""
    row = HandoverRow(
        conversation_id=conversation_id,
        state=WAITING,
        reason=reason,
        urgent=False,
        requested_at=now,
        unanswered_since=now,
        member_at=now,
    )
    session.add(row)
    session.flush()
    session.execute(
        update(ConversationRow)
        .where(ConversationRow.id == conversation_id)
        .values(handover_id=row.id)
    )
    return row


def open_request_of(session: Session, conversation_id: str) -> HandoverRow | None:
    """The open request of a conversation."""
    return session.scalar(
        select(HandoverRow).where(
            HandoverRow.conversation_id == conversation_id, HandoverRow.ended_at.is_(None)
        )
    )
