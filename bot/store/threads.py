"""The database from the event loop: it is synchronous, and its waiting must hold up nobody else."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import ParamSpec, TypeVar

import anyio
from sqlalchemy.exc import OperationalError
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random

_P = ParamSpec("_P")
_R = TypeVar("_R")


async def in_thread(call: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """`call` in a worker thread."""
    return await anyio.to_thread.run_sync(lambda: call(*args, **kwargs))


async def committed(call: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """A short write that is tried again where another writer was in its way."""
    return await tried_again(partial(in_thread, call, *args, **kwargs))


async def tried_again(write: Callable[[], Awaitable[_R]]) -> _R:
    """What `write` gives, at the latest at the third time. Raises OperationalError."""
    with suppress(OperationalError):
        return await write()
    async for attempt in AsyncRetrying(
        retry=retry_if_exception_type(OperationalError),
        stop=stop_after_attempt(2),
        wait=wait_random(0.05, 0.2),
        reraise=True,
    ):
        with attempt:
            return await write()
    raise AssertionError("tenacity either returns or raises")
