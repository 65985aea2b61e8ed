"""Messages that were asked back or turned away, and what they should have been understood as."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased, sessionmaker

from bot.database import reading
from bot.errors import InvalidRequest, NaviError
from bot.review.figures import CLARIFY
from bot.review.period import Period
from bot.review.words import review_words
from bot.store.review_tables import MarkRow
from bot.store.tables import ConversationRow, MessageRow, TurnRow
from bot.wording import labels

KINDS = {"clarify": (CLARIFY,), "turned_away": ("out_of_scope", "faq")}
_PAGE = 50


class MessageNotFound(NaviError, slug="message-not-found", status=404):
    """The message that was to be marked is gone."""


@dataclass(frozen=True)
class Unclear:
    """A member's message with what was made of it; `chosen` is the next thing that they said."""

    conversation_id: str
    seq: int
    channel: str
    at: datetime
    text: str
    topic: str
    offered: tuple[str, ...]
    chosen: str | None
    intent: str | None

    @property
    def guess(self) -> str | None:
        """The topic whose button the member pressed next: most likely what was meant."""
        return next((topic for topic, label in labels().items() if label == self.chosen), None)


@dataclass(frozen=True)
class Page:
    """Some of them; `more` says whether there are older ones."""

    rows: list[Unclear]
    more: bool


class Marks:
    """Reads what was unclear and keeps the marks."""

    def __init__(self, sessions: sessionmaker[Session], intents: Sequence[str]) -> None:
        """`intents` are those that a message may be marked as."""
        self._sessions = sessions
        self._intents = frozenset(intents)

    def unclear(self, period: Period, kind: str, open_only: bool, page: int = 0) -> Page:
        """The newest first, 50 a page; `open_only` leaves out what is marked."""
        statement = _statement(period, kind, open_only)
        with reading(self._sessions) as session:
            found = session.execute(statement.offset(page * _PAGE).limit(_PAGE + 1)).all()
        rows: dict[tuple[str, int], Unclear] = {}
        for message, topic, body, channel, intent, said_next in found[:_PAGE]:
            choices = tuple(choice["label"] for choice in body["choices"])
            key = (message.conversation_id, message.seq)
            if key in rows and not choices:
                continue
            rows[key] = Unclear(
                *key, channel, message.created_at, message.text, topic, choices, said_next, intent
            )
        return Page(list(rows.values()), len(found) > _PAGE)

    def mark(
        self, conversation_id: str, seq: int, intent: str, staff_id: str, now: datetime
    ) -> None:
        """Keep what a message means; an empty intent: it teaches nothing.

        Raises InvalidRequest for an intent that there is not, MessageNotFound.
        """
        if intent and intent not in self._intents:
            raise InvalidRequest(review_words()["problems"]["no_intent"])
        with self._sessions.begin() as session:
            message = session.get(MessageRow, (conversation_id, seq))
            if message is None or message.author != "member":
                raise MessageNotFound(review_words()["problems"]["no_message"])
            row = session.get(MarkRow, (conversation_id, seq))
            if row is None:
                row = MarkRow(conversation_id=conversation_id, seq=seq)
                session.add(row)
            row.intent, row.staff_id, row.marked_at = intent, staff_id, now

    def marked(self, period: Period) -> list[tuple[str, str]]:
        """(intent, text) of what was marked in the period's conversations."""
        with reading(self._sessions) as session:
            rows = session.execute(
                select(MarkRow.intent, MessageRow.text)
                .join(
                    MessageRow,
                    (MessageRow.conversation_id == MarkRow.conversation_id)
                    & (MessageRow.seq == MarkRow.seq),
                )
                .join(ConversationRow, ConversationRow.id == MarkRow.conversation_id)
                .where(
                    MarkRow.intent != "",
                    ConversationRow.created_at >= period.begin,
                    ConversationRow.created_at < period.end,
                )
                .order_by(MarkRow.intent, MessageRow.text)
            ).all()
        return [(intent, text) for intent, text in rows]


def _statement(period: Period, kind: str, open_only: bool) -> Select[Any]:
    """Each such message, its answer, what was said next, and its mark."""
    said, reply, following = aliased(MessageRow), aliased(MessageRow), aliased(MessageRow)
    chosen = (
        select(following.text)
        .where(
            following.conversation_id == said.conversation_id,
            following.seq > reply.seq,
            following.author == "member",
        )
        .order_by(following.seq)
        .limit(1)
        .correlate(said, reply)
        .scalar_subquery()
    )
    statement = (
        select(said, reply.topic, reply.body, ConversationRow.channel, MarkRow.intent, chosen)
        .join(TurnRow, (TurnRow.conversation_id == said.conversation_id))
        .join(
            reply,
            (reply.conversation_id == said.conversation_id) & (reply.turn_id == TurnRow.id),
        )
        .join(ConversationRow, ConversationRow.id == said.conversation_id)
        .outerjoin(
            MarkRow,
            (MarkRow.conversation_id == said.conversation_id) & (MarkRow.seq == said.seq),
        )
        .where(
            said.seq == TurnRow.seq,
            reply.topic.in_(KINDS.get(kind, KINDS["clarify"])),
            ConversationRow.created_at >= period.begin,
            ConversationRow.created_at < period.end,
        )
        .order_by(said.created_at.desc(), said.conversation_id, said.seq, reply.seq)
    )
    if period.channel:
        statement = statement.where(ConversationRow.channel == period.channel)
    if open_only:
        statement = statement.where(MarkRow.intent.is_(None))
    return statement
