"""What a message means for the desk, noted in the transaction that commits the message."""

from datetime import datetime

from sqlalchemy import func, text, update
from sqlalchemy.orm import Session

from bot.store.handover_tables import DeskEventRow, HandoverRow
from bot.store.records import Place

_LOCK = 0x6465736B  # "desk": on PostgreSQL events are numbered in the order of their commits


def member_spoke(session: Session, place: Place, now: datetime) -> None:
    """The member has said something: whoever waits for a person waits for an answer to it."""
    if place.handover_id is None:
        return
    row = HandoverRow
    session.execute(
        update(row)
        .where(row.id == place.handover_id)
        .values(member_at=now, unanswered_since=func.coalesce(row.unanswered_since, now))
        .execution_options(synchronize_session=False)
    )
    desk_hears(session, place, now)


def desk_hears(session: Session, place: Place, now: datetime) -> None:
    """Consoles show what is said while a person is wanted or speaks."""
    if place.handover_id is not None:
        log(session, "message", place.conversation_id, now, place.last_seq)


def log(
    session: Session,
    kind: str,
    conversation_id: str | None,
    now: datetime,
    seq: int | None = None,
    staff_id: str | None = None,
) -> None:
    """Add to the consoles' log; the last thing that a transaction does."""
    if session.get_bind().dialect.name == "postgresql":
        session.flush()
        session.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    session.add(
        DeskEventRow(at=now, kind=kind, conversation_id=conversation_id, seq=seq, staff_id=staff_id)
    )
    session.flush()
