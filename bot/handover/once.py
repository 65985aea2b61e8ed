"""Words of the desk that a member reads at most once while one person is wanted."""

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.clock import Clock
from bot.handover.ownership import tell
from bot.handover.requests import open_request_of
from bot.live import STAFF, Live
from bot.store.handovers import log
from bot.store.tables import ConversationRow, MessageRow
from bot.store.threads import committed


class Once:
    """Tells members something beside a person's own words."""

    def __init__(self, sessions: sessionmaker[Session], live: Live, clock: Clock) -> None:
        self._sessions = sessions
        self._live = live
        self._clock = clock

    async def tell(self, conversation_id: str, text: str) -> bool:
        """Say it while a person has the conversation; False where it was said or nobody has it."""
        told = await committed(self._tell, conversation_id, text.strip())
        if told:
            self._live.notify(conversation_id)
            self._live.notify(STAFF)
        return told

    def _tell(self, conversation_id: str, text: str) -> bool:
        now = self._clock()
        with self._sessions.begin() as session:
            row = session.get(ConversationRow, conversation_id, with_for_update=True)
            request = open_request_of(session, conversation_id)
            if row is None or row.owner is None or request is None:
                return False
            said = select(MessageRow.seq).where(
                MessageRow.conversation_id == conversation_id,
                MessageRow.author == "system",
                MessageRow.text == text,
                MessageRow.created_at >= request.requested_at,
            )
            if session.scalar(said.limit(1)) is not None:
                return False
            facts = {"owner": "staff", "staff_name": row.owner_name}
            tell(session, row, [text], now, facts)
            log(session, "message", row.id, now, row.last_seq)
            return True
