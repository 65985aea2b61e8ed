"""How the channel stands: what waits, what went out, what reached nobody. Reads only."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.line.records import QUOTA_LATER
from bot.channels.line.tables import LineEventRow, LineSourceRow
from bot.database import reading

_IS_FOR_QUOTA = func.coalesce(LineEventRow.delivery, "") == QUOTA_LATER
_FOR_QUOTA = (LineEventRow.done_at.is_(None), LineEventRow.delivery == QUOTA_LATER)


class LineReport:
    """Questions of staff and of the sender about events and sources."""

    def __init__(self, session_factory: sessionmaker[Session]) -> None:
        self._sessions = session_factory

    def next_look(self, now: datetime) -> datetime | None:
        """Until when answers wait for the quota; None where none waits beyond `now`."""
        with reading(self._sessions) as session:
            until = select(func.max(LineEventRow.not_before)).where(*_FOR_QUOTA)
            return session.scalar(until.where(LineEventRow.not_before > now))

    def waiting_for_quota(self) -> int:
        """Answers that wait until LINE has messages for us again."""
        with reading(self._sessions) as session:
            return int(session.scalar(select(func.count()).where(*_FOR_QUOTA)) or 0)

    def waiting_count(self) -> int:
        """Events that nobody has answered yet, without those that wait for the quota."""
        with reading(self._sessions) as session:
            left = select(func.count()).where(LineEventRow.done_at.is_(None), ~_IS_FOR_QUOTA)
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
