"""Group commit of the embedded database: in the event loop, for all turns that wait.

The statements of a turn touch memory only, and so does a commit whose log is flushed later
(`wire.disk`). A thread for them costs as much as they do: it has to be woken, wakes the loop, and
waits for the interpreter's lock at each statement. Whatever has gathered during one flush is the
next transaction. In a thread goes what waits: a write that another process's writer holds up, and
one that takes long.
"""

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from rasa_components.committer import MOST, Committer, Statements, Write, tell
from wire.disk import Flushes

_WAIT_MS = 5000
# Each has about ten pages; SQLite itself would take care of it at a thousand pages.
_CHECKPOINT_EVERY = 100
_BUSY = 5  # SQLITE_BUSY; the other bits of the code say why

_Turn = tuple[Write, "asyncio.Future[None]", bool]


class EmbeddedCommitter(Committer):
    """Runs writes in the order in which they come; each is durable when its wait ends."""

    def __init__(self, engine: sa.engine.Engine) -> None:
        """One event loop at a time uses it."""
        super().__init__(engine)
        self._flushes = Flushes(str(engine.url.database))
        self._aside = ThreadPoolExecutor(1, "committer")
        self._gathered: deque[_Turn] = deque()
        self._long: set[Write] = set()
        self._task: asyncio.Task[None] | None = None
        self._wait_ms = 0
        self._written = 0

    async def commit(self, write: Write, durable: bool = True) -> None:
        """Run `write` in a transaction. Raises what it or the commit raised; then nothing stays.

        Where it need not be `durable` when this ends, it survives the end of this process, and a
        power cut as soon as somebody has flushed the log. Raises OSError where the disk refuses
        what had been committed.
        """
        done = asyncio.get_running_loop().create_future()
        self._gathered.append((write, done, durable))
        if self._task is None:
            self._task = asyncio.ensure_future(self._work_off())
        await done

    async def commit_long(self, write: Write) -> None:
        """The same for a write that would hold up everybody."""
        self._long.add(write)
        await self.commit(write)

    async def settled(self) -> None:
        """Everything committed until now is durable when this ends. Raises OSError."""
        await self.commit(lambda _: None)

    async def _work_off(self) -> None:
        try:
            while self._gathered:
                await self._durable(await self._committed(self._batch()))
        finally:
            self._task = None

    def _batch(self) -> list[_Turn]:
        """The next transaction; a long write is one of its own."""
        batch: list[_Turn] = []
        while self._gathered and len(batch) < MOST:
            write, done, durable = self._gathered[0]
            if write in self._long and batch:
                break
            self._gathered.popleft()
            if done.cancelled():
                # A turn that was given up while it waited has not happened: the member was told so.
                self._long.discard(write)
                continue
            batch.append((write, done, durable))
            if write in self._long:
                break
        return batch

    async def _committed(self, batch: list[_Turn]) -> list[_Turn]:
        """Those that were written; the others have been told why not."""
        try:
            await self._one_transaction([write for write, *_ in batch])
        except Exception as error:
            if len(batch) == 1:
                _tell(batch, error)
                return []
            # Which of them was it? The others must not suffer.
            return [turn for one in batch for turn in await self._committed([one])]
        return batch

    async def _one_transaction(self, writes: list[Write]) -> None:
        if not writes:
            return
        if writes[0] not in self._long:
            try:
                self._together(writes)
                return
            except self._engine.dialect.dbapi.OperationalError as error:
                if self._committing or not _is_busy(error):
                    raise
        # Another process is writing, or this takes long: the loop waits for nobody.
        self._long.discard(writes[0])
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._aside, self._patiently, writes)

    async def _durable(self, written: list[_Turn]) -> None:
        if not written:
            return
        waiting = [turn for turn in written if turn[2]]
        _tell([turn for turn in written if not turn[2]], None)
        if waiting:
            try:
                await self._flushes.flushed()
            except Exception as error:
                _tell(waiting, error)
            else:
                _tell(waiting, None)
        self._written += len(written)
        if self._written >= _CHECKPOINT_EVERY:
            self._written = 0
            self._aside.submit(self._checkpoint)

    def _patiently(self, writes: list[Write]) -> None:
        self._wait(_WAIT_MS)
        try:
            self._together(writes)
        finally:
            self._wait(0)

    def _wait(self, ms: int) -> None:
        self._wait_ms = ms
        if self._connection is not None:
            with suppress(self._engine.dialect.dbapi.Error):  # the write itself will say it
                self._connection.cursor().execute(f"PRAGMA busy_timeout = {ms}")

    def _open(self) -> Any:
        connection = self._engine.raw_connection()
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {self._wait_ms}")
        cursor.execute("PRAGMA synchronous = NORMAL")  # `wire.disk` flushes
        # Moving pages from the log into the file would hold up the turn that it falls on.
        cursor.execute("PRAGMA wal_autocheckpoint = 0")
        return connection

    def _begin(self, statements: Statements) -> None:
        statements.run("BEGIN IMMEDIATE")

    def _checkpoint(self) -> None:
        with suppress(self._engine.dialect.dbapi.Error):
            connection = self._engine.raw_connection()
            try:
                connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            finally:
                connection.close()


def _is_busy(error: Exception) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == _BUSY


def _tell(turns: list[_Turn], error: Exception | None) -> None:
    tell([done for _, done, _ in turns], error)
