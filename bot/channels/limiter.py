"""Requests counted by this process, or by all apps together in Redis.

Without Redis each app counts for itself: a limit that is too wide for some seconds is better than
a desk that answers nobody.
"""

import asyncio
import time

import structlog
from limits import RateLimitItem
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

_LOG = structlog.get_logger()
_ANSWER_WITHIN_S = 0.5
_AWAY_S = 5.0


class Limiter:
    """Counts; `redis_url` empty: in this process only."""

    def __init__(self, redis_url: str = "") -> None:
        self._own = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._shared: SlidingWindowCounterRateLimiter | None = None
        self._pool: ConnectionPool | None = None
        if redis_url:
            self._pool = ConnectionPool.from_url(redis_url, socket_connect_timeout=_ANSWER_WITHIN_S)
            storage = RedisStorage(
                f"async+{redis_url}",
                implementation="redispy",
                key_prefix="navi:limit",
                connection_pool=self._pool,  # type: ignore[arg-type] # documented, not typed
            )
            self._shared = SlidingWindowCounterRateLimiter(storage)
        self._away_until = 0.0

    async def wait(self, limit: RateLimitItem, *names: str) -> int:
        """Count a request; seconds until one more is allowed, 0 where this one is."""
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                async with asyncio.timeout(_ANSWER_WITHIN_S):
                    return await _counted(self._shared, limit, names)
            except (RedisError, OSError) as error:  # a TimeoutError too
                self._away_until = time.monotonic() + _AWAY_S
                _LOG.warning("requests are counted by each app", error=type(error).__name__)
        return await _counted(self._own, limit, names)

    async def close(self) -> None:
        """Let go of connections."""
        if self._pool is not None:
            await self._pool.aclose()


async def _counted(
    limiter: SlidingWindowCounterRateLimiter, limit: RateLimitItem, names: tuple[str, ...]
) -> int:
    if await limiter.hit(limit, *names):
        return 0
    window = await limiter.get_window_stats(limit, *names)
    return max(1, int(window.reset_time - time.time()) + 1)
