"""Lock store for several dialogue processes: one key in Redis a conversation.

Rasa's own Redis store keeps a queue of tickets in several round trips that are not one step: two
processes can both hold ticket 0 (upstream issue 9213), and who waits looks once a second. Here
taking is one `SET NX PX`, giving back one script that deletes only the own key, and who waits
looks every 20 ms or so. The key lives for seconds and is renewed while the turn runs: what a
killed process held is free again before a member's turn is over. Where Redis is away the turn
fails; there is no falling back to a lock that others do not see.

Should a holder lose its key all the same (its process stood still), two turns run at once; then
the tracker store refuses the one that began from the older state.
"""

import asyncio
import logging
import random
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, LockError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from rasa_components.lock_store import ConversationLockStore

logger = logging.getLogger(__name__)

_LIFE_MS = 4000
_RENEW_EVERY_S = 1.0
_LOOK_EVERY_S = 0.02
_ANSWER_WITHIN_S = 2.0
_OWN = "if redis.call('get', KEYS[1]) == ARGV[1] then return {} else return 0 end"
_RELEASE = _OWN.format("redis.call('del', KEYS[1])")
_RENEW = _OWN.format("redis.call('pexpire', KEYS[1], ARGV[2])")


class RedisLockStore(ConversationLockStore):
    """`url:` in endpoints.yml is a Redis address (redis://, rediss://)."""

    def __init__(self, endpoint_config: Any = None) -> None:
        """Nothing is opened yet. Raises ValueError without an address."""
        super().__init__(endpoint_config)
        url = getattr(endpoint_config, "url", None)
        if not url:
            raise ValueError("endpoints.yml: the lock store has no address of Redis")
        self._redis = Redis.from_url(
            url, socket_timeout=_ANSWER_WITHIN_S, socket_connect_timeout=_ANSWER_WITHIN_S
        )

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = _LOOK_EVERY_S,
    ) -> AsyncGenerator[TicketLock, None]:
        """Hold the conversation in all processes.

        Raises LockError after `lock_lifetime` seconds of waiting, or where Redis is away.
        """
        # Those who wait in this process wait here, and only the first of them asks Redis.
        async with super().lock(conversation_id, lock_lifetime) as ticket:
            key, token = f"navi:dialogue:{conversation_id}", uuid.uuid4().hex
            try:
                async with asyncio.timeout(lock_lifetime):
                    await self._take(key, token)
            except TimeoutError:
                raise LockError("a conversation stayed busy in another process") from None
            except RedisError as error:
                raise LockError(f"Redis is away: {type(error).__name__}") from None
            renewing = asyncio.ensure_future(self._renew(key, token))
            try:
                yield ticket
            finally:
                renewing.cancel()
                with suppress(RedisError):  # the key ends by itself
                    await asyncio.shield(self._redis.eval(_RELEASE, 1, key, token))

    async def _take(self, key: str, token: str) -> None:
        while not await self._redis.set(key, token, nx=True, px=_LIFE_MS):
            await asyncio.sleep(_LOOK_EVERY_S * random.uniform(0.5, 1.5))

    async def _renew(self, key: str, token: str) -> None:
        while True:
            await asyncio.sleep(_RENEW_EVERY_S)
            with suppress(RedisError):
                if not await self._redis.eval(_RENEW, 1, key, token, _LIFE_MS):
                    logger.error("a conversation's lock was lost while its turn ran")
                    return
