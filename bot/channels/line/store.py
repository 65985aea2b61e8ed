"""What waits to be answered on LINE. Each method is one transaction.

An event is committed here before LINE is told 200; a source (a user, a group) is leased to one
worker at a time, so that its events are answered in the order of their timestamps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.line.reading import ANSWERED, Incoming
from bot.channels.line.tables import LineEventRow, LineSourceRow
from bot.database import reading
from bot.store.tables import ChoiceRow, ConversationRow, MessageRow, TurnRow

IGNORED = "ignored"


@dataclass(frozen=True)
class Source:
    """A LINE user or group as it stands; `last_at` is the last word of its conversation."""

    id: str
    conversation_id: str | None
    member_number: str | None
    blocked: bool
    told: bool
    last_at: datetime | None


@dataclass(frozen=True)
class Waiting:
    """An event that is being worked on; `attempts` counts this one."""

    id: str
    source_id: str
    kind: str
    timestamp: int
    body: dict[str, Any]
    token_from: datetime
    attempts: int
    message_id: str | None
    conversation_id: str | None
    delivery: str | None


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
            rows = {event.id: _row(event, now, settle) for event in events}
            fresh = _insert_new(session, LineEventRow, [rows[key] for key in sorted(rows)])
            again = [event.id for event in events if event.redelivered and event.id not in fresh]
            if again:
                session.execute(
                    update(LineEventRow)
                    .where(LineEventRow.id.in_(again), LineEventRow.done_at.is_(None))
                    .values(token_from=now)
                )
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
        """The source's oldest waiting event, counted as tried; None where none is due."""
        with self._sessions.begin() as session:
            row = session.scalars(
                select(LineEventRow)
                .where(LineEventRow.source_id == source_id, LineEventRow.done_at.is_(None))
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

    def postpone(self, event_id: str, until: datetime) -> None:
        """Try again then."""
        with self._sessions.begin() as session:
            session.get_one(LineEventRow, event_id).not_before = until

    def of_message(self, message_id: str, kind: str) -> tuple[str, str | None] | None:
        """(event, its conversation) in which a LINE message came (message) or went (unsend)."""
        with reading(self._sessions) as session:
            row = session.scalars(
                select(LineEventRow)
                .where(LineEventRow.message_id == message_id, LineEventRow.kind == kind)
                .limit(1)
            ).first()
            return (row.id, row.conversation_id) if row else None

    def blank(self, conversation_id: str, client_message_id: str, words: str) -> bool:
        """Replace what a member said by `words`; False where it was never kept."""
        with self._sessions.begin() as session:
            turn = session.scalars(
                select(TurnRow).where(
                    TurnRow.conversation_id == conversation_id,
                    TurnRow.client_message_id == client_message_id,
                )
            ).first()
            if turn is None:
                return False
            session.get_one(MessageRow, (conversation_id, turn.seq)).text = words
            turn.input = {"text": words}
            return True

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

    def has_delivery(self, delivery: str, since: datetime) -> bool:
        """Whether an event ended that way since then."""
        with reading(self._sessions) as session:
            found = session.scalar(
                select(LineEventRow.id)
                .where(LineEventRow.delivery == delivery, LineEventRow.done_at >= since)
                .limit(1)
            )
            return found is not None

    def waiting_count(self) -> int:
        """Events that nobody has answered yet."""
        with reading(self._sessions) as session:
            left = select(func.count()).where(LineEventRow.done_at.is_(None))
            return int(session.scalar(left) or 0)

    def deliveries(self, since: datetime) -> dict[str, int]:
        """How many events ended in which way since then."""
        with reading(self._sessions) as session:
            rows = session.execute(
                select(LineEventRow.delivery, func.count())
                .where(LineEventRow.done_at >= since)
                .group_by(LineEventRow.delivery)
            )
            return {str(delivery): int(count) for delivery, count in rows}

    def undelivered(self, kinds: Sequence[str], since: datetime) -> list[tuple[datetime, str, str]]:
        """(when, how it ended, conversation) of answers that no member has read, newest first."""
        with reading(self._sessions) as session:
            rows = session.execute(
                select(LineEventRow.done_at, LineEventRow.delivery, LineEventRow.conversation_id)
                .where(LineEventRow.done_at >= since, LineEventRow.delivery.in_(kinds))
                .order_by(LineEventRow.done_at.desc())
                .limit(50)
            )
            return [(at, str(how), str(talk or "-")) for at, how, talk in rows if at]

    def linked_sources(self) -> list[str]:
        """LINE users whose account is linked."""
        with reading(self._sessions) as session:
            found = select(LineSourceRow.id).where(LineSourceRow.member_number.is_not(None))
            return list(session.scalars(found.order_by(LineSourceRow.id)))

    def forget(self, before: datetime) -> None:
        """Delete events that were done before then (LINE redelivers for hours, not for days)."""
        with self._sessions.begin() as session:
            session.execute(delete(LineEventRow).where(LineEventRow.done_at < before))


def _row(event: Incoming, now: datetime, settle: timedelta) -> dict[str, Any]:
    answered = event.kind in ANSWERED and bool(event.source_id)
    return {
        "id": event.id,
        "source_id": event.source_id,
        "kind": event.kind,
        "timestamp": event.timestamp,
        "message_id": event.message_id,
        "body": event.body if answered else {},
        "received_at": now,
        "token_from": now,
        "not_before": now + settle,
        "attempts": 0,
        "delivery": None if answered else IGNORED,
        "done_at": None if answered else now,
    }


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
