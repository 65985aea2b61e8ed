"""Tracker store: Rasa's SQL store, durable on SQLite, and deaf to turns without an answer.

A turn that ends without a bot message is a failure (an action did not answer, a rule is
missing). Saving it would leave the conversation in a state that the member never saw, so it is
refused here: the channel reports the failure and the tracker stays as it was before the turn.
"""

from typing import Any

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker


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

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Append the new events. Raises TurnWithoutReply before anything is written."""
        if not last_turn_is_answered(tracker):
            raise TurnWithoutReply(tracker.sender_id)
        await super().save(tracker)


def _make_durable(connection: Any, _record: Any) -> None:
    # An acknowledged turn must survive a power cut as the app's own journal does.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")
