"""Wakes those who wait for something new (server-sent events): members, and the console."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from bot.metrics import LISTENERS

STAFF = "staff"  # the console's key; conversation ids are longer


class Listening(asyncio.Event):
    """Set at each notice. `signals` are what lies in no journal (somebody is typing)."""

    def __init__(self) -> None:
        super().__init__()
        self.signals: list[tuple[str, str]] = []

    def taken_signals(self) -> list[tuple[str, str]]:
        """(kind, of what) since the last look."""
        taken, self.signals = self.signals, []
        return taken


class Live:
    """In-process notices; a listener that missed one reads the journal anyway.

    Signals are decoration: they reach listeners of this process only and are never kept.
    """

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listening]] = defaultdict(set)

    def notify(self, key: str) -> None:
        """Something was added to the conversation's journal, or to the console's log."""
        for event in self._listeners.get(key, ()):
            event.set()

    def signal(self, key: str, kind: str, about: str) -> None:
        """Tell the present listeners, and nobody later; the same twice is told once."""
        for event in self._listeners.get(key, ()):
            if (kind, about) not in event.signals:
                event.signals.append((kind, about))
            event.set()

    @contextmanager
    def listening(self, key: str) -> Iterator[Listening]:
        """An event that is set at each notice, until the block is left."""
        event = Listening()
        self._listeners[key].add(event)
        try:
            with LISTENERS.track_inprogress():
                yield event
        finally:
            listeners = self._listeners[key]
            listeners.discard(event)
            if not listeners:
                del self._listeners[key]
