"""Tracker store: Rasa's SQL store, durable on SQLite, and deaf to turns without an answer.

A turn that ends without a bot message is a failure (an action did not answer, a rule is
missing). Saving it would leave the conversation in a state that the member never saw, so it is
refused here: the channel reports the failure and the tracker stays as it was before the turn.
"""

import json
import os
import time
from typing import Any

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from rasa_components import forgetting

# Members were told how long their words are kept; the dialogue's copy goes with the journal's.
_SWEEP_EVERY_S = 3600.0


class TurnWithoutReply(Exception):
    """The turn produced no message for the member."""


def last_turn_is_answered(tracker: DialogueStateTracker) -> bool:
    """Whether a bot message follows the latest member message (true where there is none yet)."""
    for event in reversed(tracker.events):
        if isinstance(event, BotUttered):
            return True
        if isinstance(event, UserUttered):
            return False
    return True


class TurnTrackerStore(SQLTrackerStore):
    """SQL tracker store named by URL (`url:` in endpoints.yml, SQLAlchemy form)."""

    def __init__(
        self,
        domain: Domain | None = None,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        **kwargs: Any,
    ) -> None:
        """`host` is the URL: Rasa's SQL store takes a whole address there."""
        super().__init__(domain=domain, host=host, event_broker=event_broker, **kwargs)
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(self.engine, "connect", _make_durable)
        self._keep_s = float(os.environ.get("NAVI_RETENTION_DAYS", "90")) * 86400
        self._swept_at = 0.0

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Append the new events. Raises TurnWithoutReply before anything is written."""
        if not last_turn_is_answered(tracker):
            raise TurnWithoutReply(tracker.sender_id)
        await super().save(tracker)
        if time.time() - self._swept_at > _SWEEP_EVERY_S:
            self._swept_at = time.time()
            self._sweep(self._swept_at - self._keep_s)

    async def blank(self, sender: str, turn_id: str) -> bool:
        """Make unreadable what the member said in a turn; False where there is none."""
        event = self.SQLEvent
        with self.session_scope() as session:
            rows = session.query(event).filter(event.sender_id == sender).order_by(event.id).all()
            changed = forgetting.blanked([json.loads(row.data) for row in rows], turn_id) or {}
            for place, blank in changed.items():
                rows[place].data = json.dumps(blank)
            session.commit()
        return bool(changed)

    def _sweep(self, before: float) -> None:
        """Forget conversations whose last event is older than `before` (Unix time)."""
        event = self.SQLEvent
        with self.session_scope() as session:
            old = (
                session.query(event.sender_id)
                .group_by(event.sender_id)
                .having(sa.func.max(event.timestamp) < before)
            )
            session.query(event).filter(event.sender_id.in_(old.subquery().select())).delete(
                synchronize_session=False
            )
            session.commit()


def _make_durable(connection: Any, _record: Any) -> None:
    # An acknowledged turn must survive a power cut as the app's own journal does.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")
