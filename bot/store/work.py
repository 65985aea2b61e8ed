"""How the pipe waits for the database.

A read of the embedded database waits for nobody (WAL), takes a fraction of a millisecond and is
done where it is asked for: a thread would cost more than the read. Its writes go through one
thread (`grouped`). A database server is waited for in threads.
"""

import asyncio
import random
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar, cast

import anyio
from sqlalchemy.exc import OperationalError

from bot.store.grouped import GroupCommit, GroupedSessions

_P = ParamSpec("_P")
_R = TypeVar("_R")
_TRIES = 3


class Work:
    """Reads and writes of stores, awaited."""

    def __init__(self, sessions: GroupedSessions | None = None) -> None:
        """`sessions` are the stores' own, on the embedded database; without them: threads."""
        embedded = sessions is not None and sessions.engine.dialect.name == "sqlite"
        self._group = GroupCommit(sessions) if sessions is not None and embedded else None

    async def read(self, call: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """The result of a short read."""
        if self._group is not None:
            return call(*args, **kwargs)
        return await anyio.to_thread.run_sync(partial(call, *args, **kwargs))

    async def write(self, call: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """The result of a short write, tried again where another writer was in its way."""
        wanted = partial(call, *args, **kwargs)
        for _ in range(_TRIES - 1):
            try:
                return await self._once(wanted)
            except OperationalError:
                await asyncio.sleep(random.uniform(0.05, 0.2))
        return await self._once(wanted)

    async def _once(self, call: Callable[[], _R]) -> _R:
        if self._group is not None:
            return cast(_R, await self._group.run(call))
        return await anyio.to_thread.run_sync(call)
