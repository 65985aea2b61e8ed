"""Answers what waits in the store: each source in the order of its timestamps, many at once.

A source is leased for seconds and the lease is renewed while it is worked on, so that after a
crash another worker goes on while reply tokens still live.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import anyio
import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.line.records import Waiting
from bot.channels.line.store import LineStore
from bot.clock import Clock

_LOG = structlog.get_logger()
_LEASE = timedelta(seconds=15)
_RENEW_S = 5.0
_LOOK_AGAIN_S = 1.0
MAX_ATTEMPTS = 3


class Worker:
    """Runs `answer` for each waiting event; `give_up` for one that failed three times."""

    def __init__(
        self,
        store: LineStore,
        answer: Callable[[Waiting], Awaitable[None]],
        give_up: Callable[[Waiting], Awaitable[None]],
        clock: Clock,
        settle_s: float,
        parallel: int = 8,
    ) -> None:
        self._store = store
        self._answer = answer
        self._give_up = give_up
        self._clock = clock
        self._settle_s = settle_s
        self._parallel = parallel
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._something = asyncio.Event()

    def wake(self) -> None:
        """Events were stored just now; they are due when they have settled."""
        asyncio.get_running_loop().call_later(self._settle_s + 0.005, self._something.set)

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                self._something.clear()
                try:
                    started = await self._start_due()
                except SQLAlchemyError as error:
                    _LOG.error("LINE events could not be read", error=type(error).__name__)
                    started = False
                if not started:
                    # Another process may have stored something, or its lease ran out.
                    # (Not asyncio.wait_for: in 3.11 it can swallow the cancelling of this task.)
                    with anyio.move_on_after(_LOOK_AGAIN_S):
                        await self._something.wait()
        finally:
            for task in list(self._busy.values()):
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def _start_due(self) -> bool:
        free = self._parallel - len(self._busy)
        if free <= 0:
            return False
        most = self._parallel * 2
        found = await _in_thread(self._store.due, self._clock(), most)
        fresh = [source for source in found if source not in self._busy][:free]
        for source in fresh:
            task = asyncio.create_task(self._drain(source))
            self._busy[source] = task
            task.add_done_callback(partial(self._ended, source))
        return bool(fresh)

    def _ended(self, source: str, _: asyncio.Task[None]) -> None:
        del self._busy[source]
        self._something.set()

    async def _drain(self, source: str) -> None:
        lease = str(uuid.uuid4())
        try:
            if not await self._keep(source, lease):
                return
            renewing = asyncio.create_task(self._renew(source, lease))
            held: datetime | None = None
            try:
                while held is None and (event := await self._next(source)):
                    held = await self._one(event)
            finally:
                renewing.cancel()
                await asyncio.gather(renewing, return_exceptions=True)
                if held is None:
                    await _in_thread(self._store.release, source, lease)
                else:
                    await _in_thread(self._store.hold, source, lease, held)
        except SQLAlchemyError as error:
            _LOG.error("LINE events could not be answered", error=type(error).__name__)
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def _next(self, source: str) -> Waiting | None:
        found: Waiting | None = await _in_thread(self._store.next, source, self._clock())
        return found

    async def _one(self, event: Waiting) -> datetime | None:
        """When the source may be tried again; None where it may go on now."""
        try:
            if event.attempts > MAX_ATTEMPTS:
                await self._give_up(event)
            else:
                await self._answer(event)
            return None
        except SQLAlchemyError:
            raise
        except Exception as error:
            # Never the event itself: it holds a member's words.
            _LOG.error("LINE event failed", webhook_event=event.id, error=type(error).__name__)
            return self._clock() + timedelta(seconds=2**event.attempts)

    async def _renew(self, source: str, lease: str) -> None:
        while True:
            await asyncio.sleep(_RENEW_S)
            with suppress(SQLAlchemyError):
                await self._keep(source, lease)

    async def _keep(self, source: str, lease: str) -> bool:
        now = self._clock()
        return bool(await _in_thread(self._store.lease, source, lease, now, now + _LEASE))


async def _in_thread(call: Callable[..., Any], *args: Any) -> Any:
    return await anyio.to_thread.run_sync(lambda: call(*args))
