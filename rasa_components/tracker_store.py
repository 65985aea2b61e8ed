"""Tracker store: one row a conversation, written through, held in memory while it is hot.

Rasa's SQL store reads all events of a session, counts them again and inserts the new ones, at
every turn. Here a row holds what `memory` keeps of the conversation, with a version. A turn asks
for the version; where it is the one in memory, the live tracker goes on, else the row is read.

It fails loudly: a read or write that fails ends the turn, and a tracker that a failed turn may
have touched is forgotten, so that the next one begins from the row. A turn that ends without a
bot message is a failure too (an action did not answer, a rule is missing): saving it would leave
the conversation in a state that the member never saw.
"""

import json
import os
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from rasa_components.committer import committer_for
from rasa_components.fast.events import line_of
from rasa_components.fast.trackers import copied
from rasa_components.forgetting import blanked
from rasa_components.memory import Bounds, shortened
from rasa_components.memory_rows import MemoryRows, Written
from rasa_components.renewed import closing_events

# About 50 KB each.
_HOT = 1000
# Members were told how long their words are kept; the dialogue's copy goes with the journal's.
_SWEEP_EVERY_S = 3600.0


class TurnWithoutReply(Exception):
    """The turn produced no message for the member."""


def last_turn_is_answered(tracker: DialogueStateTracker) -> bool:
    """Whether a bot message follows the latest member message (true where there is none yet)."""
    for event in reversed(tracker.events):
        kind = type(event)  # neither has subclasses
        if kind is BotUttered:
            return True
        if kind is UserUttered:
            return False
    return True


@dataclass
class _Hot:
    """A conversation in memory, the version of the row that it is, and its events in that row.

    `told` is the row's text where this process wrote it.
    """

    tracker: DialogueStateTracker
    version: int
    saved: int = 0
    told: str = ""


class TurnTrackerStore(TrackerStore):
    """Tracker store named by `url:` in endpoints.yml (SQLAlchemy form; SQLite or PostgreSQL)."""

    def __init__(
        self,
        domain: Domain | None = None,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        remembered: dict[str, list[str]] | None = None,
        flushed_by_app: str | None = None,
        **kwargs: Any,
    ) -> None:
        """`host` is the URL; `remembered` has the lists `responses` and `intents` of `Bounds`.

        `flushed_by_app`: `yes` where the app makes turns durable before it tells of them.
        """
        super().__init__(domain, event_broker, **kwargs)
        names = remembered or {}
        self._bounds = Bounds(
            responses=frozenset(names.get("responses", ())),
            intents=frozenset(names.get("intents", ())),
        )
        self._flushed_by_app = flushed_by_app == "yes"
        self._rows = MemoryRows(str(host))
        self._committer = committer_for(self._rows.engine)
        self._hot: OrderedDict[str, _Hot] = OrderedDict()
        # The turns under way, and whether the row's version was asked for in them.
        self._asked: dict[str, bool] = {}
        self._keep_s = float(os.environ.get("NAVI_RETENTION_DAYS", "90")) * 86400
        self._swept_at = 0.0
        self._fresh: tuple[Domain, DialogueStateTracker] | None = None

    @asynccontextmanager
    async def turn(self, sender_id: str) -> AsyncGenerator[None, None]:
        """One turn, under the conversation's lock; whatever breaks it makes the tracker cold."""
        self._asked[sender_id] = False
        try:
            yield
        except BaseException:  # a deadline cancels
            self._hot.pop(sender_id, None)
            raise
        finally:
            del self._asked[sender_id]

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation's tracker. Raises the database's error, never an empty tracker."""
        hot = self._hot.get(sender_id)
        if hot is not None and self._asked.get(sender_id):
            return hot.tracker
        if sender_id in self._asked:
            self._asked[sender_id] = True
        if hot is not None and hot.version == self._rows.version(sender_id):
            self._hot.move_to_end(sender_id)
            return hot.tracker
        self._hot.pop(sender_id, None)
        found = self._rows.read(sender_id)
        if found is None:
            return None
        version, dicts = found
        tracker = DialogueStateTracker.from_dict(sender_id, dicts, self.domain.slots)
        hot = _Hot(tracker, version, len(tracker.events))
        for event in closing_events(tracker, self.domain):
            tracker.update(event)
        self._keep(sender_id, hot)
        return tracker

    async def create_tracker(
        self, sender_id: str, append_action_listen: bool = True
    ) -> DialogueStateTracker:
        """A new tracker; it is written with its first turn."""
        if self._fresh is None or self._fresh[0] is not self.domain:
            self._fresh = (self.domain, self.init_tracker(""))
        tracker = copied(self._fresh[1])
        tracker.sender_id, tracker.latest_message = sender_id, UserUttered.empty()
        self._keep(sender_id, _Hot(tracker, 0))
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write the conversation durably. Raises TurnWithoutReply before anything is written."""
        if not last_turn_is_answered(tracker):
            raise TurnWithoutReply(tracker.sender_id)
        hot = self._hot.get(tracker.sender_id)
        if hot is None or hot.tracker is not tracker:
            known = self._rows.version(tracker.sender_id)
            hot = _Hot(tracker, known or 0)
        events = list(tracker.events)
        kept = shortened(tracker.sender_id, events, self.domain.slots, self._bounds)
        sender_id, now = tracker.sender_id, time.time()
        new = _lines(events[hot.saved :])
        if kept:
            data = _lines(kept)
        elif not hot.saved:
            data = new
        elif hot.told and new != "[]":  # events that were saved never change
            data = f"{hot.told[:-1]},{new[1:]}"
        else:
            data = _lines(events)
        turn = Written(sender_id, hot.version, now, data, new)
        await self._committer.commit(
            lambda statements: self._rows.write(statements, turn), durable=not self._flushed_by_app
        )
        if kept:  # they lead to the state that the tracker has
            tracker.events = tracker._create_events(kept)
        self._keep(sender_id, _Hot(tracker, hot.version + 1, len(tracker.events), data))
        await self._sweep_sometimes(now)

    async def settled(self) -> None:
        """What can be read of any conversation now is durable when this ends, or the app's next
        flush has ended."""
        if not self._flushed_by_app:
            await self._committer.settled()

    async def keys(self) -> Iterable[str]:
        """All conversations that are kept."""
        return self._rows.keys()

    async def erase(self, sender_id: str) -> None:
        """Forget a conversation, here and in the row."""
        self._hot.pop(sender_id, None)
        await self._committer.commit(lambda statements: self._rows.erase(statements, sender_id))

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """All turns of the conversation, also those that the memory has let go."""
        events = [event for _, turn in self._rows.trail(conversation_id) for event in turn]
        if not events:
            return None
        return DialogueStateTracker.from_dict(conversation_id, events, self.domain.slots)

    async def blank(self, sender: str, turn_id: str) -> bool:
        """Make unreadable what the member said in a turn; False where there is none."""
        self._hot.pop(sender, None)
        found = self._rows.read(sender)
        if found is None:
            return False
        turns = []
        for version, events in self._rows.trail(sender):
            if changed := blanked(events, turn_id):
                turns.append((version, _put(events, changed)))
        kept = _put(found[1], blanked(found[1], turn_id) or {})
        if turns:
            await self._committer.commit(
                lambda statements: self._rows.change(statements, sender, turns, kept)
            )
        return bool(turns)

    def _keep(self, sender_id: str, hot: _Hot) -> None:
        self._hot[sender_id] = hot
        self._hot.move_to_end(sender_id)
        while len(self._hot) > _HOT:
            self._hot.popitem(last=False)

    async def _sweep_sometimes(self, now: float) -> None:
        if now - self._swept_at > _SWEEP_EVERY_S:
            self._swept_at = now
            before = now - self._keep_s
            await self._committer.commit_long(
                lambda statements: self._rows.sweep(statements, before)
            )


def _lines(events: Iterable[Event]) -> str:
    return "[" + ",".join(line_of(event) for event in events) + "]"


def _put(events: list[dict[str, Any]], changed: dict[int, dict[str, Any]]) -> str:
    """The events as JSON, with those that changed in their places."""
    told = [changed.get(place, event) for place, event in enumerate(events)]
    return json.dumps(told, ensure_ascii=False)
