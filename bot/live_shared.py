"""Notices between app processes over Redis, so that an event stream need not look for itself.

They are decoration: streams read the journal every few seconds anyway, and a notice that is lost
costs those seconds. So nothing here waits for Redis, and nothing fails without it.
"""

import asyncio
import json
import uuid
from contextlib import suppress

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.live import Live

_LOG = structlog.get_logger()
_CHANNEL = "navi:live"
_ANSWER_WITHIN_S = 2.0
_AGAIN_AFTER_S = 1.0
_LISTEN_S = 10.0
_MOST_WAITING = 1000
_MOST_AT_ONCE = 100
# A key, and for a signal its kind and what it is about.
_Notice = tuple[str, ...]


class SharedLive(Live):
    """`Live` for several app processes; `run` must be running."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._own = uuid.uuid4().hex
        self._waiting: asyncio.Queue[_Notice] = asyncio.Queue(_MOST_WAITING)
        self._redis = Redis.from_url(
            url, socket_connect_timeout=_ANSWER_WITHIN_S, health_check_interval=5
        )

    def notify(self, key: str) -> None:
        """As in one process, and in the others too."""
        super().notify(key)
        self._tell((key,))

    def signal(self, key: str, kind: str, about: str) -> None:
        """As in one process, and in the others too."""
        super().signal(key, kind, about)
        self._tell((key, kind, about))

    async def run(self) -> None:
        """Tell and listen, until cancelled; while Redis is away it is tried again each second."""
        try:
            await asyncio.gather(self._keep_telling(), self._keep_listening())
        finally:
            with suppress(RedisError, OSError):
                await self._redis.aclose()

    def _tell(self, notice: _Notice) -> None:
        with suppress(asyncio.QueueFull):  # Redis is away or slow: the others look for themselves
            self._waiting.put_nowait(notice)

    async def _keep_telling(self) -> None:
        while True:
            notices = {await self._waiting.get(): None}
            while not self._waiting.empty() and len(notices) < _MOST_AT_ONCE:
                notices[self._waiting.get_nowait()] = None
            body = json.dumps([self._own, *notices])
            try:
                async with asyncio.timeout(_ANSWER_WITHIN_S):
                    await self._redis.publish(_CHANNEL, body)
            except (RedisError, OSError) as error:  # a TimeoutError too
                _LOG.warning("other apps get no notices", error=type(error).__name__)
                await asyncio.sleep(_AGAIN_AFTER_S)

    async def _keep_listening(self) -> None:
        while True:
            try:
                await self._listen()
            except Exception as error:  # Redis is away, or somebody else writes there
                _LOG.warning("no notices of other apps", error=type(error).__name__)
                await asyncio.sleep(_AGAIN_AFTER_S)

    async def _listen(self) -> None:
        async with self._redis.pubsub(ignore_subscribe_messages=True) as subscription:
            await subscription.subscribe(_CHANNEL)
            while True:
                message = await subscription.get_message(timeout=_LISTEN_S)
                if message is not None:
                    self._take(message["data"])

    def _take(self, body: bytes) -> None:
        sender, *notices = json.loads(body)
        if sender == self._own:
            return
        for key, *signal in notices:
            if signal:
                super().signal(key, *signal)
            else:
                super().notify(key)
