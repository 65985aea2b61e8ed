"""One turn at a time in a conversation: in this process, or in all processes by Redis.

The order of turns is the journal's, and a turn that is sent twice is answered once because the
dialogue knows its id; the lock keeps two processes from doing the same work at once.
"""

import asyncio
import random
import uuid
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Protocol
from weakref import WeakValueDictionary

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.errors import Unavailable

_LOG = structlog.get_logger()

# A killed process's lock ends by itself, well before the deadline of the turn that waits for it.
_LIFE_MS = 4000
_RENEW_EVERY_S = 1.0
_LOOK_EVERY_S = 0.02
_ANSWER_WITHIN_S = 2.0
_OWN = "if redis.call('get', KEYS[1]) == ARGV[1] then return {} else return 0 end"
_RELEASE = _OWN.format("redis.call('del', KEYS[1])")
_RENEW = _OWN.format("redis.call('pexpire', KEYS[1], ARGV[2])")
_BUSY = (
    "ただいま混み合っています。書かれた内容はお預かりしています。少しあとでもう一度お試しください。"
)


class Locks(Protocol):
    """Holds conversations."""

    def hold(self, conversation_id: str) -> AbstractAsyncContextManager[bool]:
        """Nobody else answers in this conversation until the block is left.

        Gives whether nobody had to be waited for.
        """

    async def close(self) -> None:
        """Let go of connections."""


class OwnLocks:
    """For one app process."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def hold(self, conversation_id: str) -> AsyncIterator[bool]:
        """An asyncio lock a conversation."""
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        at_once = not lock.locked()
        async with lock:
            yield at_once

    async def close(self) -> None:
        """Nothing is open."""


class RedisLocks:
    """For several app processes; `longest_wait` is in seconds."""

    def __init__(self, url: str, longest_wait: float) -> None:
        self._own = OwnLocks()
        self._longest_wait = longest_wait
        self._redis = Redis.from_url(
            url, socket_timeout=_ANSWER_WITHIN_S, socket_connect_timeout=_ANSWER_WITHIN_S
        )

    @asynccontextmanager
    async def hold(self, conversation_id: str) -> AsyncIterator[bool]:
        """Raises Unavailable where Redis is away or the conversation stays busy.

        The member's message is committed by then: the same message again is answered, or the
        next one, or the next start of an app.
        """
        async with self._own.hold(conversation_id) as here_at_once:
            key, token = f"navi:answer:{conversation_id}", uuid.uuid4().hex
            at_once = await self._take(key, token) and here_at_once
            renewing = asyncio.ensure_future(self._renew(key, token))
            try:
                yield at_once
            finally:
                renewing.cancel()
                with suppress(RedisError):  # the key ends by itself
                    await asyncio.shield(self._redis.eval(_RELEASE, 1, key, token))

    async def close(self) -> None:
        """Close the pool."""
        await self._redis.aclose()

    async def _take(self, key: str, token: str) -> bool:
        at_once = True
        try:
            async with asyncio.timeout(self._longest_wait):
                while not await self._redis.set(key, token, nx=True, px=_LIFE_MS):
                    at_once = False
                    await asyncio.sleep(_LOOK_EVERY_S * random.uniform(0.5, 1.5))
        except (RedisError, TimeoutError) as error:
            _LOG.error("no lock can be had", error=type(error).__name__)
            raise Unavailable(_BUSY) from None
        return at_once

    async def _renew(self, key: str, token: str) -> None:
        while True:
            await asyncio.sleep(_RENEW_EVERY_S)
            with suppress(RedisError):
                if not await self._redis.eval(_RENEW, 1, key, token, str(_LIFE_MS)):
                    _LOG.error("a conversation's lock was lost while it was answered")
                    return
