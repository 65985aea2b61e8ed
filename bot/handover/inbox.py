"""The list of conversations that want a person, from the database."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session, aliased, sessionmaker

from actions.domain.tables import MemberRow
from bot.database import reading
from bot.documents.words import outcome_name
from bot.handover.queue import Waiting, ahead, in_order
from bot.handover.requests import OWNED, WAITING
from bot.handover.summary import topic_label
from bot.handover.views import DeskEvent, Inbox, InboxItem
from bot.store.handover_tables import DeskEventRow, HandoverRow
from bot.store.tables import ConversationRow, MessageRow
from bot.text import masked_number

AnyColumns = tuple[Any, ...]
_MOST = 200
_ENDED_SHOWN, _ENDED_FOR = 30, timedelta(days=7)
_MOST_WORDS = 120


class InboxStore:
    """Reads the queue and the consoles' log."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def inbox(self, staff_id: str, now: datetime) -> Inbox:
        """The list of one person; everything of one moment."""
        with reading(self._sessions) as session:
            event_id = last_event_id(session)
            opened = items(
                session,
                _ITEMS.where(HandoverRow.ended_at.is_(None))
                .order_by(HandoverRow.requested_at)
                .limit(_MOST),
            )
            ended = items(
                session,
                _ITEMS.where(HandoverRow.ended_at > now - _ENDED_FOR)
                .order_by(HandoverRow.ended_at.desc())
                .limit(_ENDED_SHOWN),
            )
        waiting = in_order([i for i in opened if i.state == WAITING], _place_of)
        owned = _rising([i for i in opened if i.state == OWNED])
        return Inbox(
            waiting,
            [i for i in owned if i.owner_id == staff_id],
            [i for i in owned if i.owner_id != staff_id],
            ended,
            event_id,
        )

    def place_of(self, conversation_id: str, now: datetime) -> tuple[bool, int]:
        """Whether the conversation waits, and how many before it (or before a new one)."""
        with reading(self._sessions) as session:
            rows = session.execute(
                select(
                    HandoverRow.conversation_id,
                    HandoverRow.requested_at,
                    HandoverRow.urgent,
                    HandoverRow.reason,
                ).where(HandoverRow.ended_at.is_(None), HandoverRow.state == WAITING)
            ).all()
        by_id = {row[0]: Waiting(row[1], row[2], row[3] == "asked") for row in rows}
        mine = by_id.pop(conversation_id, None)
        return mine is not None, ahead(by_id.values(), mine or Waiting(now))

    def events(self, after: int, most: int) -> list[DeskEvent]:
        """The log after event `after`."""
        with reading(self._sessions) as session:
            rows = session.scalars(
                select(DeskEventRow)
                .where(DeskEventRow.id > after)
                .order_by(DeskEventRow.id)
                .limit(most)
            )
            return [
                DeskEvent(r.id, r.at, r.kind, r.conversation_id, r.seq, r.staff_id) for r in rows
            ]


def last_event_id(session: Session) -> int:
    """The newest event's id, 0 before the first."""
    return int(session.scalar(select(func.max(DeskEventRow.id))) or 0)


# What a member said last, also where the bot has answered since: by it one sees what it is about.
_SAID: Final = aliased(MessageRow)
_MEMBERS = (
    select(_SAID.text)
    .where(_SAID.conversation_id == ConversationRow.id, _SAID.author == "member")
    .order_by(_SAID.seq.desc())
    .limit(1)
    .correlate(ConversationRow)
    .scalar_subquery()
)
_ITEMS: Select[*AnyColumns] = (
    select(
        HandoverRow,
        ConversationRow,
        MessageRow.author,
        MessageRow.text,
        MemberRow.name,
        _MEMBERS,
    )
    .join(ConversationRow, ConversationRow.id == HandoverRow.conversation_id)
    .outerjoin(
        MessageRow,
        (MessageRow.conversation_id == ConversationRow.id)
        & (MessageRow.seq == ConversationRow.last_seq),
    )
    .outerjoin(MemberRow, MemberRow.number == ConversationRow.member_number)
)


def items(session: Session, statement: Select[*AnyColumns]) -> list[InboxItem]:
    """Items of a statement made from `_ITEMS`."""
    return [_item(row) for row in session.execute(statement)]


def item_of(session: Session, conversation_id: str) -> InboxItem | None:
    """The item of a conversation's newest request; None where there never was one."""
    newest = _ITEMS.where(HandoverRow.conversation_id == conversation_id)
    return next(iter(items(session, newest.order_by(HandoverRow.id.desc()).limit(1))), None)


def _item(row: Row[*AnyColumns]) -> InboxItem:
    request, talk, author, text, name, members = row
    assert isinstance(request, HandoverRow) and isinstance(talk, ConversationRow)
    return InboxItem(
        conversation_id=talk.id,
        channel=talk.channel,
        member=masked_number(talk.member_number) if talk.member_number else None,
        member_name=name,
        state=request.state,
        reason=request.reason,
        topic=request.topic,
        topic_label=topic_label(request.topic),
        outcome=request.outcome,
        outcome_label=outcome_name(request.outcome) if request.outcome else None,
        urgent=request.urgent,
        answer_by=request.answer_by,
        requested_at=request.requested_at,
        waiting_since=request.unanswered_since if request.ended_at is None else None,
        owner_id=talk.owner,
        owner_name=talk.owner_name,
        last_author=author or "",
        last_text=_short(text),
        member_text=_short(members),
        last_at=talk.last_at,
        last_seq=talk.last_seq,
    )


def _short(text: str | None) -> str:
    return " ".join((text or "").split())[:_MOST_WORDS]


def _place_of(item: InboxItem) -> Waiting:
    return Waiting(item.requested_at, item.urgent, item.reason == "asked")


def _rising(owned: Iterable[InboxItem]) -> Sequence[InboxItem]:
    """Whose words wait for an answer first, the longest waiting on top; then the latest talked."""
    return sorted(
        owned,
        key=lambda i: (
            i.waiting_since is None,
            i.waiting_since.timestamp() if i.waiting_since else -i.last_at.timestamp(),
        ),
    )
