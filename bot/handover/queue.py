"""The order in which people wait. Pure.

Whoever waits longer comes first. What is urgent, and who asked for a person themselves, count as
having waited somewhat longer: that is a
head start, never a place ahead of everybody for good, so nobody is overtaken endlessly.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

URGENT_HEAD_START = timedelta(minutes=15)
ASKED_HEAD_START = timedelta(minutes=5)
T = TypeVar("T")


@dataclass(frozen=True)
class Waiting:
    """Since when somebody waits, and what gives a head start."""

    since: datetime
    urgent: bool = False
    asked: bool = True

    def counts_from(self) -> datetime:
        """The instant from which the place in the queue is counted."""
        start = self.since
        if self.urgent:
            start -= URGENT_HEAD_START
        if self.asked:
            start -= ASKED_HEAD_START
        return start


def in_order(items: Iterable[T], waiting: Callable[[T], Waiting]) -> list[T]:
    """The items as they are to be served; equal ones by the time since when they wait."""
    return sorted(items, key=lambda item: (waiting(item).counts_from(), waiting(item).since))


def ahead(others: Iterable[Waiting], me: Waiting) -> int:
    """How many of the others are served before me."""
    mine = (me.counts_from(), me.since)
    return sum((other.counts_from(), other.since) < mine for other in others)
