"""Writes of the embedded database: committed in the event loop, durable in groups.

SQLite has one writer at a time. The statements of a turn touch memory only, and so does a commit
whose log is flushed later (`wire.disk`): both are done where they are asked for, since a thread
that computes beside the loop would wait for the interpreter's lock at each statement. What waits
runs in threads: the flush, once for all turns that wait for it, and a write that another
process's writer holds up.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.database import BUSY_TIMEOUT_MS, allow_writing
from bot.store.joined import GroupedSessions, Joined, driver_of, failed
from wire.disk import Disk

_BEGIN = "BEGIN IMMEDIATE"
_CHECKPOINT_EVERY = 200
_R = TypeVar("_R")
Beside = asyncio.Future[None] | None


class NotDurable(SQLAlchemyError):
    """The disk refused what had been committed: nobody may be told that it is kept."""


class GroupCommit:
    """Runs writes in the order in which they come; each is durable when its wait ends."""

    def __init__(self, sessions: GroupedSessions, memory: str = "") -> None:
        """One event loop at a time uses it.

        `memory` is the dialogue's own SQLite file, where it leaves the flush to the app.
        """
        self._sessions = sessions
        self._disk = Disk(str(sessions.engine.url.database))
        self._memory = Disk(memory) if memory else None
        self._thread = ThreadPoolExecutor(1, "journal")
        self._alone = asyncio.Lock()
        self._slow: set[asyncio.Task[Any]] = set()
        self._connection: Connection | None = None
        self._written = 0

    async def close(self) -> None:
        """Finish what is under way and let go of the connections."""
        if self._slow:
            await asyncio.wait(set(self._slow))
        await self._disk.close()
        if self._memory is not None:
            await self._memory.close()
        self._thread.shutdown()
        self._drop()
        self._sessions.close()

    async def run(self, call: Callable[[], _R], durable: bool = True, beside: Beside = None) -> _R:
        """The result of `call`, committed. Raises what it or the commit raised.

        Where it need not be `durable` yet it survives the end of this process, and a power cut
        together with the next one that must be. `beside` is waited for as well.
        """
        result = await self._committed(call)
        if durable:
            await self._durable(beside)
        return result

    def beside(self) -> Beside:
        """Begin to make durable what the dialogue has committed; None where it does so itself."""
        return self._memory.begun(at_once=True) if self._memory is not None else None

    async def settled(self) -> None:
        """Everything committed until now is durable when this ends. Raises NotDurable."""
        await self._durable(self.beside())

    async def _durable(self, beside: Beside) -> None:
        journal = self._disk.begun()
        try:
            if beside is not None:
                await beside
            await journal
        except OSError as error:
            raise NotDurable(type(error).__name__) from None

    async def _committed(self, call: Callable[[], _R]) -> _R:
        if not self._alone.locked() and self._begun_at_once():
            return self._ended(call)
        # Another process writes: who comes meanwhile waits behind. A caller who is cancelled
        # leaves the connection to the thread that uses it.
        task = asyncio.ensure_future(self._after_others(call))
        self._slow.add(task)
        task.add_done_callback(self._slow.discard)
        return await asyncio.shield(task)

    def _begun_at_once(self) -> bool:
        """Begin; False where another writer is at work. Nobody is waited for."""
        try:
            driver_of(self._opened()).execute(_BEGIN)
        except sqlite3.OperationalError:
            return False
        return True

    def _ended(self, call: Callable[[], _R]) -> _R:
        """Run `call` in the transaction that was begun, and commit."""
        connection = self._opened()
        joined = Joined(connection, driver_of(connection))
        try:
            with self._sessions.within(joined):
                result = call()
        except BaseException:
            self._undo(joined)
            raise
        if joined.was_undone:
            self._undo(joined)
            return result
        try:
            joined.commit()
        except BaseException:
            self._drop()
            raise
        self._written += 1
        if self._written >= _CHECKPOINT_EVERY:
            self._written = 0
            self._thread.submit(self._checkpoint)
        return result

    async def _after_others(self, call: Callable[[], _R]) -> _R:
        async with self._alone:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, self._waited_for, call)

    def _waited_for(self, call: Callable[[], _R]) -> _R:
        driver = driver_of(self._opened())
        driver.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        try:
            driver.execute(_BEGIN)
        except sqlite3.Error as error:
            raise failed(_BEGIN, error) from None
        finally:
            driver.execute("PRAGMA busy_timeout = 0")
        return self._ended(call)

    def _opened(self) -> Connection:
        """The connection that writes: kept, since taking one from the pool costs a statement."""
        if self._connection is None:
            self._connection = self._sessions.engine.connect()
            driver = driver_of(self._connection)
            driver.execute("PRAGMA busy_timeout = 0")
            driver.execute("PRAGMA synchronous = NORMAL")  # `wire.disk` flushes
            # Moving pages from the log into the file would hold up the turn that it falls on.
            driver.execute("PRAGMA wal_autocheckpoint = 0")
            allow_writing(self._connection)
        return self._connection

    def _undo(self, joined: Joined) -> None:
        try:
            joined.undo()
        except SQLAlchemyError:
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()  # the pool's others are not set up like this one
            self._connection.close()
            self._connection = None

    def _checkpoint(self) -> None:
        errors = suppress(SQLAlchemyError, sqlite3.Error)  # the next one finds as much and more
        with errors, self._sessions.engine.connect() as connection:
            driver_of(connection).execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
