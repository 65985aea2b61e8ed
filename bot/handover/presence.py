"""Whose console is open. Each method is one transaction."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from bot.database import reading
from bot.handover.views import Present
from bot.staff.members import StaffMember
from bot.store.handover_tables import PresenceRow
from bot.store.handovers import log

# Three heartbeats of a console (15 s) that did not come.
GONE_AFTER = timedelta(seconds=45)


class Presence:
    """Heartbeats of consoles and their switch (受付中 / 離席中)."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def heartbeat(self, person: StaffMember, accepting: bool | None, now: datetime) -> Present:
        """The console is open; a new one accepts until its switch says otherwise."""
        with self._sessions.begin() as session:
            row = session.get(PresenceRow, person.id)
            known = row is not None and row.seen_at > now - GONE_AFTER
            if row is None:
                row = PresenceRow(staff_id=person.id, accepting=True)
                session.add(row)
            before = row.accepting
            row.name, row.seen_at = person.name, now
            if accepting is not None:
                row.accepting = accepting
            if not known or before != row.accepting:
                log(session, "presence", None, now, staff_id=person.id)
            return _present(row)

    def leave(self, staff_id: str, now: datetime) -> None:
        """The console was closed; the switch stays as it was."""
        with self._sessions.begin() as session:
            row = session.get(PresenceRow, staff_id)
            if row is not None:
                row.seen_at = now - GONE_AFTER
                log(session, "presence", None, now, staff_id=staff_id)

    def present(self, now: datetime) -> list[Present]:
        """Whose console is open, by name."""
        with reading(self._sessions) as session:
            rows = session.scalars(
                select(PresenceRow)
                .where(PresenceRow.seen_at > now - GONE_AFTER)
                .order_by(PresenceRow.name)
            )
            return [_present(row) for row in rows]

    def forget(self, before: datetime) -> None:
        """Delete consoles that were not seen since then."""
        with self._sessions.begin() as session:
            session.execute(delete(PresenceRow).where(PresenceRow.seen_at < before))


def _present(row: PresenceRow) -> Present:
    return Present(row.staff_id, row.name, row.accepting, row.seen_at)
