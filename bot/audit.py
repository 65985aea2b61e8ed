"""The audit trail: who was looked up, by which path of identity, from which conversation.

Append-only, without message texts; the database refuses changes (revision 0003).
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete

from bot.database import Sessions
from bot.store.identity_tables import AuditRow


class AuditEvent(StrEnum):
    """What happened."""

    look_up = "look_up"
    identity_proven = "identity_proven"
    number_switched = "number_switched"


def audited(
    event: AuditEvent, identity_path: str, number: str, conversation_id: str, at: datetime
) -> AuditRow:
    """A row for a transaction that is open anyway."""
    return AuditRow(
        at=at,
        event=event.value,
        identity_path=identity_path,
        number=number,
        conversation_id=conversation_id,
    )


class Audit:
    """Writes the trail in transactions of its own."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def note(
        self, event: AuditEvent, identity_path: str, number: str, conversation_id: str, at: datetime
    ) -> None:
        """Add a row. Raises SQLAlchemyError: what cannot be noted must not be told."""
        with self._sessions.begin() as session:
            session.add(audited(event, identity_path, number, conversation_id, at))

    def forget(self, before: datetime) -> int:
        """Delete rows older than `before`, at least a year ago; gives how many."""
        with self._sessions.begin() as session:
            gone = session.scalars(
                delete(AuditRow).where(AuditRow.at < before).returning(AuditRow.id)
            ).all()
        return len(gone)
