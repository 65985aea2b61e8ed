"""A person's words on their way to LINE: from the desk's table into the channel's own queue.

The queue sends them as it sends answers (free reply token first, else a push with a retry key, in
order, once); what became of each is noted for the console.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import anyio
import structlog
from sqlalchemy import or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.line.records import HELD, OUTGOING, QUOTA_LATER, Json
from bot.channels.line.render import render
from bot.channels.line.tables import LineEventRow, LineSourceRow
from bot.clock import Clock
from bot.database import reading
from bot.live import STAFF, Live
from bot.messages import Message
from bot.store.handover_tables import IS_WAITING, OutgoingRow
from bot.store.handovers import log
from bot.store.records import message_of
from bot.store.tables import MessageRow
from bot.store.threads import in_thread

_LOG = structlog.get_logger()
_LOOK_AGAIN_S = 1.0
_MOST = 100
WAITING, QUEUED, LEFT = "waiting", "queued", "left"
# A reply token lives a minute; the request itself takes some of it.
_TOKEN_YOUNG = timedelta(seconds=50)
# It ended, or it waits for the month's quota, which may take long: the clerk is told so.
_CHANGED = or_(
    OutgoingRow.delivery.in_((QUEUED, QUOTA_LATER)) & LineEventRow.done_at.is_not(None),
    (OutgoingRow.delivery == QUEUED) & (LineEventRow.delivery == QUOTA_LATER),
)


@dataclass(frozen=True)
class _Words:
    """A row that is not queued yet."""

    id: str
    conversation_id: str
    message: Message


class Outgoing:
    """Queues what waits and notes how it ended."""

    def __init__(
        self, sessions: sessionmaker[Session], live: Live, wake: Callable[[], None], clock: Clock
    ) -> None:
        self._sessions = sessions
        self._live = live
        self._wake = wake
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled; looks at each notice for consoles, and every second."""
        with self._live.listening(STAFF) as notice:
            while True:
                notice.clear()
                try:
                    await self.once()
                except SQLAlchemyError as error:
                    _LOG.error("staff words for LINE wait", error=type(error).__name__)
                with anyio.move_on_after(_LOOK_AGAIN_S):
                    await notice.wait()

    async def once(self) -> None:
        """One round."""
        if await in_thread(self._queue_waiting):
            self._wake()
        if await in_thread(self._note_ends):
            self._live.notify(STAFF)

    def _queue_waiting(self) -> int:
        with reading(self._sessions) as session:
            rows = session.execute(
                select(OutgoingRow.id, OutgoingRow.conversation_id, MessageRow)
                .join(
                    MessageRow,
                    (MessageRow.conversation_id == OutgoingRow.conversation_id)
                    & (MessageRow.seq == OutgoingRow.seq),
                )
                .where(IS_WAITING)
                .order_by(OutgoingRow.created_at, OutgoingRow.seq)
                .limit(_MOST)
            ).all()
            waiting = [_Words(row[0], row[1], message_of(row[2])) for row in rows]
        for words in waiting:
            self._queue(words)
        return len(waiting)

    def _queue(self, words: _Words) -> None:
        now = self._clock()
        with self._sessions.begin() as session:
            row = session.get(OutgoingRow, words.id, with_for_update=True)
            if row is None or row.delivery != WAITING:
                return
            source_id = session.scalar(
                select(LineSourceRow.id).where(
                    LineSourceRow.conversation_id == words.conversation_id
                )
            )
            if source_id is None:
                # They unlinked or began anew: these words are no more for who reads there now.
                row.delivery = LEFT
                log(session, "delivery", row.conversation_id, now, row.seq, row.staff_id)
                return
            token, token_from = _young_token(session, source_id, now)
            body: Json = {"messages": render([words.message.draft]), **token}
            session.add(
                LineEventRow(
                    id=words.id,
                    source_id=source_id,
                    kind=OUTGOING,
                    timestamp=int(now.timestamp() * 1000),
                    body=body,
                    received_at=now,
                    token_from=token_from,
                    not_before=now,
                    attempts=0,
                    conversation_id=words.conversation_id,
                )
            )
            row.delivery = QUEUED

    def _note_ends(self) -> int:
        now = self._clock()
        with reading(self._sessions) as session:
            rows = session.execute(
                select(OutgoingRow.id, LineEventRow.delivery)
                .join(LineEventRow, LineEventRow.id == OutgoingRow.id)
                .where(_CHANGED)
                .limit(_MOST)
            ).all()
        for key, delivery in rows:
            with self._sessions.begin() as session:
                row = session.get(OutgoingRow, key, with_for_update=True)
                if row is not None and row.delivery in (QUEUED, QUOTA_LATER):
                    row.delivery, row.delivered_at = str(delivery), now
                    log(session, "delivery", row.conversation_id, now, row.seq, row.staff_id)
        return len(rows)


def _young_token(session: Session, source_id: str, now: datetime) -> tuple[Json, datetime]:
    """The reply token of a message that a person is to answer, used once; none where it is old."""
    row = session.scalars(
        select(LineEventRow)
        .where(
            LineEventRow.source_id == source_id,
            LineEventRow.delivery == HELD,
            LineEventRow.token_from > now - _TOKEN_YOUNG,
        )
        .order_by(LineEventRow.token_from.desc())
        .limit(1)
    ).first()
    if row is None or not row.body.get("reply_token"):
        return {}, now
    token, row.body = row.body["reply_token"], {}
    return {"reply_token": token}, row.token_from
