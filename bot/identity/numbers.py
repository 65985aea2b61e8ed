"""A doctor with an individual and a corporate number: which ones a conversation may speak of.

A mailed code proves a mailbox, so it opens every number of that mailbox. The member site's token
and a LINE link prove one number only; another one is reached by logging in with it.
"""

from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.tables import MemberRow
from bot.audit import AuditEvent, audited
from bot.clock import Clock
from bot.database import reading
from bot.identity.codes import Codes
from bot.identity.mailed_code import MAIL_PATH
from bot.store.tables import ConversationRow


@dataclass(frozen=True)
class OwnNumber:
    """One of the speaker's numbers; `value` is what stands for it outside the app."""

    number: str = field(repr=False)
    kind: str | None
    value: str
    current: bool


class Numbers:
    """Reads and switches the numbers of one mailbox."""

    def __init__(self, sessions: sessionmaker[Session], codes: Codes, clock: Clock) -> None:
        self._sessions = sessions
        self._codes = codes
        self._clock = clock

    def of(self, conversation_id: str) -> list[OwnNumber]:
        """The numbers that the conversation's proof opens, in their order; guests have none."""
        with reading(self._sessions) as session:
            row = session.get(ConversationRow, conversation_id)
            return self._own(session, row) if row else []

    def switch(self, conversation_id: str, value: str) -> bool:
        """Speak of another number from now on: its `value`, or a kind that only one has."""
        with self._sessions.begin() as session:
            row = session.get_one(ConversationRow, conversation_id)
            own = self._own(session, row)
            meant = [n for n in own if value in (n.value, n.kind)]
            if len(meant) != 1:
                return False
            [chosen] = meant
            if not chosen.current:
                row.member_number, row.member_kind = chosen.number, chosen.kind
                path, now = row.identity_path or MAIL_PATH, self._clock()
                event = AuditEvent.number_switched
                session.add(audited(event, path, chosen.number, conversation_id, now))
            return True

    def _own(self, session: Session, row: ConversationRow) -> list[OwnNumber]:
        if row.member_number is None or row.identity_path != MAIL_PATH:
            return []
        if row.identity_until is None or row.identity_until <= self._clock():
            return []
        mine = select(func.lower(MemberRow.email)).where(MemberRow.number == row.member_number)
        found = session.execute(
            select(MemberRow.number, MemberRow.kind, MemberRow.email)
            .where(func.lower(MemberRow.email) == mine.scalar_subquery())
            .order_by(MemberRow.number)
        ).all()
        # The mailbox that was proven, not the one that the registry may hold by now.
        return [
            OwnNumber(
                member.number,
                member.kind,
                self._codes.option(row.id, member.number),
                member.number == row.member_number,
            )
            for member in found
            if self._codes.mailbox(member.email) == row.mailbox_digest
        ]
