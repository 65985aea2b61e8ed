"""The month's pushes are used up: what waits for LINE's quota, and when LINE is asked again.

Nothing is kept but the waiting answers themselves: the next look is the time until which they wait,
so all processes agree on it, and a start in between changes nothing.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

import anyio
import structlog

from actions.domain.calendar import TOKYO
from bot.channels.line.client import LineRefused, LineUncertain
from bot.channels.line.records import QUOTA_LATER, Waiting
from bot.clock import Clock

_LOG = structlog.get_logger()
LOOK_EVERY = timedelta(hours=1)
# Longer ago, an answer is none any more, and a clerk has found another way.
PATIENCE = timedelta(days=1)


class Asked(Protocol):
    """What of LINE's API is needed to look."""

    async def quota(self) -> tuple[int | None, int]:
        """(messages a month or None for no limit, used). Raises LineRefused, LineUncertain."""


class Looks(Protocol):
    """What of the report is needed to look."""

    def next_look(self, now: datetime) -> datetime | None:
        """Until when answers wait for the quota; None where none waits beyond `now`."""


class Quota:
    """Says whether a push may be tried."""

    def __init__(self, api: Asked, looks: Looks, clock: Clock) -> None:
        self._api = api
        self._looks = looks
        self._clock = clock

    async def wait(self, event: Waiting) -> datetime | None:
        """When to look again; None where a push may be tried, which LINE may still refuse."""
        now = self._clock()
        known: datetime | None = await _in_thread(self._looks.next_look, now)
        if known is not None:
            return known
        if event.delivery != QUOTA_LATER or await self._has_room():
            return None
        return next_look(now)

    async def _has_room(self) -> bool:
        try:
            limit, used = await self._api.quota()
        except (LineRefused, LineUncertain):
            return True  # the push itself will tell
        _LOG.info("LINE's quota was looked at", limit=limit, used=used)
        return limit is None or used < limit


def next_look(now: datetime) -> datetime:
    """An hour later; sooner where the month, and with it the quota, is a new one by then."""
    then, local = now + LOOK_EVERY, now.astimezone(TOKYO)
    month = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=32)
    return min(then, month.replace(day=1).astimezone(now.tzinfo))


def waits_too_long(event: Waiting, now: datetime) -> bool:
    """Whether an answer is given up that waited for the quota."""
    return now - event.token_from >= PATIENCE


async def _in_thread(call: Callable[..., Any], *args: Any) -> Any:
    return await anyio.to_thread.run_sync(lambda: call(*args))
