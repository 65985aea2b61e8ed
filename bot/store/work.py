"""How the pipe waits for the database.

A read of the embedded database waits for nobody (WAL), takes a fraction of a millisecond and is
done where it is asked for: a thread would cost more than the read. Its writes wait for the disk
together (`grouped`). A database server is waited for in threads.
"""

from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

from bot.store.grouped import Beside, GroupCommit
from bot.store.joined import GroupedSessions
from bot.store.threads import committed, in_thread, tried_again

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Work:
    """Reads and writes of stores, awaited."""

    def __init__(self, sessions: GroupedSessions | None = None, memory: str = "") -> None:
        """`sessions` are the stores' own, on the embedded database; without them: threads.

        `memory` is the dialogue's SQLite file, where the app makes it durable.
        """
        embedded = sessions is not None and sessions.engine.dialect.name == "sqlite"
        self._group = GroupCommit(sessions, memory) if sessions is not None and embedded else None

    async def close(self) -> None:
        """Let go of the connections that are kept."""
        if self._group is not None:
            await self._group.close()

    async def read(self, call: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """The result of a short read."""
        if self._group is not None:
            return call(*args, **kwargs)
        return await in_thread(call, *args, **kwargs)

    async def write(self, call: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """The result of a short write, tried again where another writer was in its way."""
        return await self.write_with(None, call, *args, **kwargs)

    def beside(self) -> Beside:
        """Begin to make durable what the dialogue has answered until now; for `write_with`."""
        return self._group.beside() if self._group is not None else None

    async def write_with(
        self, beside: Beside, call: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs
    ) -> _R:
        """Like `write`; when it ends, `beside` is durable too."""
        if self._group is None:
            return await committed(call, *args, **kwargs)
        write = partial(self._group.run, partial(call, *args, **kwargs), beside=beside)
        return await tried_again(write)

    async def settled(self) -> None:
        """What was put until now is durable when this ends. Raises NotDurable."""
        if self._group is not None:
            await self._group.settled()

    async def put(self, call: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Like `write`, where nobody is told of it before a later `write` has ended.

        What is put survives the process's end at once, and a power cut together with that one.
        """
        if self._group is None:
            return await committed(call, *args, **kwargs)
        write = partial(self._group.run, partial(call, *args, **kwargs), durable=False)
        return await tried_again(write)
