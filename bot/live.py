"""Wakes those who wait for new messages of a conversation (server-sent events)."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from bot.metrics import LISTENERS


class Live:
    """In-process notices; a listener that missed one reads the journal anyway."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[asyncio.Event]] = defaultdict(set)

    def notify(self, conversation_id: str) -> None:
        """Something was added to the conversation's journal."""
        for event in self._listeners.get(conversation_id, ()):
            event.set()

    @contextmanager
    def listening(self, conversation_id: str) -> Iterator[asyncio.Event]:
        """An event that is set at each notice, until the block is left."""
        event = asyncio.Event()
        self._listeners[conversation_id].add(event)
        try:
            with LISTENERS.track_inprogress():
                yield event
        finally:
            listeners = self._listeners[conversation_id]
            listeners.discard(event)
            if not listeners:
                del self._listeners[conversation_id]
