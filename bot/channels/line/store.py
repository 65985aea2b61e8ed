"""What waits to be answered on LINE. Each method is one transaction.

An event is committed here before LINE is told 200; a source (a user, a group) is leased to one
worker at a time, so that its events are answered in the order of their timestamps.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.line.reading import ANSWERED, Incoming
from bot.channels.line.records import (
    HELD,
    PUSH_LATER,
    QUOTA_LATER,
    REPLY_LATER,
    Json,
    Source,
    Waiting,
)
from bot.channels.line.tables import LineEventRow, LineSourceRow
from bot.database import reading
from bot.store.tables import ConversationRow

IGNORED = "ignored"


class LineStore:
    """Events and sources through sessions of `session_factory`."""

    def __init__(self, session_factory: sessionmaker[Session]) -> None:
        self._sessions = session_factory

    def add(self, events: Sequence[Incoming], now: datetime, settle: timedelta) -> int:
        """Keep the events that are new; gives how many of them wait for an answer."""
        if not events:
            return 0
        with self._sessions.begin() as session:
            sources = sorted({event.source_id for event in events if event.source_id})
            _insert_new(session, LineSourceRow, [{"id": s, "blocked": False} for s in sources])
            wanted = _with_a_request(session, sources)
            rows = {event.id: _row(event, now, settle, wanted) for event in events}
            fresh = _insert_new(session, LineEventRow, [rows[key] for key in sorted(rows)])
            again = [event.id for event in events if event.redelivered and event.id not in fresh]
            if again:
                session.execute(
                    update(LineEventRow)
                    .where(LineEventRow.id.in_(again), LineEventRow.done_at.is_(None))
                    .values(token_from=now)
                )
            _drop_unsent(session, events)
        return sum(1 for key in fresh if rows[key]["done_at"] is None)

    def due(self, now: datetime, most: int) -> list[str]:
        """Sources with events to answer that nobody works on, the longest waiting first."""
        with reading(self._sessions) as session:
            found = session.execute(
                select(LineEventRow.source_id)
                .join(LineSourceRow, LineSourceRow.id == LineEventRow.source_id)
                .where(
                    LineEventRow.done_at.is_(None),
                    LineEventRow.not_before <= now,
                    or_(LineSourceRow.leased_until.is_(None), LineSourceRow.leased_until < now),
                )
                .group_by(LineEventRow.source_id)
                .order_by(func.min(LineEventRow.not_before))
                .limit(most)
            )
            return [row.source_id for row in found]

    def lease(self, source_id: str, lease: str, now: datetime, until: datetime) -> bool:
        """Take the source (or keep it); False where another worker has it."""
        with self._sessions.begin() as session:
            taken = session.execute(
                update(LineSourceRow)
                .where(
                    LineSourceRow.id == source_id,
                    or_(
                        LineSourceRow.lease == lease,
                        LineSourceRow.leased_until.is_(None),
                        LineSourceRow.leased_until < now,
                    ),
                )
                .values(lease=lease, leased_until=until)
                .returning(LineSourceRow.id)
            )
            return taken.first() is not None

    def release(self, source_id: str, lease: str) -> None:
        """Let others take the source."""
        with self._sessions.begin() as session:
            session.execute(
                update(LineSourceRow)
                .where(LineSourceRow.id == source_id, LineSourceRow.lease == lease)
                .values(lease=None, leased_until=None)
            )

    def next(self, source_id: str, now: datetime) -> Waiting | None:
        """The source's oldest waiting event, counted as tried; None where none is due.

        An answer that is made and could not go out yet holds up no later event.
        """
        not_put_off = or_(
            LineEventRow.delivery.is_(None),
            LineEventRow.delivery.not_in((REPLY_LATER, PUSH_LATER, QUOTA_LATER)),
            LineEventRow.not_before <= now,
        )
        with self._sessions.begin() as session:
            row = session.scalars(
                select(LineEventRow)
                .where(
                    LineEventRow.source_id == source_id,
                    LineEventRow.done_at.is_(None),
                    not_put_off,
                )
                .order_by(LineEventRow.timestamp, LineEventRow.id)
                .limit(1)
            ).first()
            if row is None or row.not_before > now:
                return None
            row.attempts += 1
            return _waiting(row)

    def source(self, source_id: str) -> Source:
        """How the source stands."""
        with reading(self._sessions) as session:
            row = session.get_one(LineSourceRow, source_id)
            talk = session.get(ConversationRow, row.conversation_id or "")
            return Source(
                row.id,
                row.conversation_id,
                row.member_number,
                row.blocked,
                row.told_at is not None,
                talk.last_at if talk else None,
                talk.last_seq if talk else 0,
            )

    def assign(self, event: Waiting, conversation_id: str, now: datetime) -> None:
        """This event belongs to that conversation, which is the source's present one."""
        with self._sessions.begin() as session:
            session.get_one(LineEventRow, event.id).conversation_id = conversation_id
            source = session.get_one(LineSourceRow, event.source_id)
            source.conversation_id = conversation_id
            source.told_at = source.told_at or now

    def change_source(self, source_id: str, **values: Any) -> None:
        """Set columns of the source (blocked, told_at, member_number, linked_at, …)."""
        with self._sessions.begin() as session:
            session.execute(
                update(LineSourceRow).where(LineSourceRow.id == source_id).values(**values)
            )

    def delivering(self, event_id: str, how: str) -> None:
        """An answer is about to be sent that way: after a crash it may have been sent."""
        with self._sessions.begin() as session:
            session.get_one(LineEventRow, event_id).delivery = how

    def done(self, event_id: str, delivery: str, now: datetime) -> None:
        """Nothing is left to do; what the event said is forgotten here."""
        with self._sessions.begin() as session:
            row = session.get_one(LineEventRow, event_id)
            row.delivery, row.done_at, row.body = delivery, now, {}

    def held(self, event_id: str, token: str, now: datetime) -> None:
        """No answer is due now; a person's may still go out by this event's reply token."""
        with self._sessions.begin() as session:
            row = session.get_one(LineEventRow, event_id)
            row.delivery, row.done_at, row.body = HELD, now, {"reply_token": token}

    def hold(self, source_id: str, lease: str, until: datetime) -> None:
        """Nobody takes the source before then: its events wait, in their order."""
        with self._sessions.begin() as session:
            session.execute(
                update(LineSourceRow)
                .where(LineSourceRow.id == source_id, LineSourceRow.lease == lease)
                .values(lease=None, leased_until=until)
            )

    def put_off(self, event_id: str, how: str, body: Json, until: datetime) -> None:
        """Send the answer in `body` again then; `how` is a `…_LATER`."""
        with self._sessions.begin() as session:
            row = session.get_one(LineEventRow, event_id)
            row.delivery, row.body, row.not_before, row.attempts = how, body, until, 0

    def forget(self, before: datetime) -> None:
        """Delete events that were done before then (LINE redelivers for hours, not for days)."""
        with self._sessions.begin() as session:
            session.execute(delete(LineEventRow).where(LineEventRow.done_at < before))


def _with_a_request(session: Session, sources: Sequence[str]) -> set[str]:
    """Those of the sources who want a person: a contact that they leave must reach the request."""
    found = (
        select(LineSourceRow.id)
        .join(ConversationRow, ConversationRow.id == LineSourceRow.conversation_id)
        .where(LineSourceRow.id.in_(sources), ConversationRow.handover_id.is_not(None))
    )
    return set(session.scalars(found))


def _row(
    event: Incoming, now: datetime, settle: timedelta, wanted: Collection[str]
) -> dict[str, Any]:
    answered = event.kind in ANSWERED and bool(event.source_id)
    body = event.body
    if "text" in body and event.source_id in wanted:
        body = {**body, "text": event.words}
    return {
        "id": event.id,
        "source_id": event.source_id,
        "kind": event.kind,
        "timestamp": event.timestamp,
        "message_id": event.message_id,
        "body": body if answered else {},
        "received_at": now,
        "token_from": now,
        "not_before": now + settle,
        "attempts": 0,
        "delivery": None if answered else IGNORED,
        "done_at": None if answered else now,
    }


def _drop_unsent(session: Session, events: Sequence[Incoming]) -> None:
    """A message that was taken back before it was read is not read from here any more."""
    gone = [event.message_id for event in events if event.kind == "unsend" and event.message_id]
    if gone:
        session.execute(
            update(LineEventRow)
            .where(
                LineEventRow.kind == "message",
                LineEventRow.message_id.in_(gone),
                LineEventRow.done_at.is_(None),
                LineEventRow.attempts == 0,
            )
            .values(body={})
        )


def _insert_new(session: Session, table: Any, rows: list[dict[str, Any]]) -> set[str]:
    """Insert the rows whose id is not there yet; gives the ids that were inserted."""
    if not rows:
        return set()
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(rows).on_conflict_do_nothing()
    return set(session.scalars(statement.returning(table.id)))


def _waiting(row: LineEventRow) -> Waiting:
    return Waiting(
        row.id,
        row.source_id,
        row.kind,
        row.timestamp,
        dict(row.body),
        row.token_from,
        row.attempts,
        row.message_id,
        row.conversation_id,
        row.delivery,
    )
