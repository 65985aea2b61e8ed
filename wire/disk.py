"""Waiting for the disk outside of transactions, once for all who wait (embedded database).

With `synchronous=FULL` SQLite flushes its log (the WAL) inside every commit. With NORMAL a commit
writes to the log only: it survives the process's end, and a power cut as soon as the log has been
flushed, which is all that FULL adds (sqlite.org/pragma.html, synchronous; sqlite.org/wal.html).
Here that flush is made in a thread after the commit: no connection is held up by it, statements of
other conversations go on meanwhile, and one flush serves everybody who waits when it begins.
"""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


class Disk:
    """Makes what was committed to the SQLite file `database` durable; one event loop uses it."""

    def __init__(self, database: str) -> None:
        """Nothing is opened yet."""
        self._log = f"{database}-wal"
        self._folder = Path(database).parent
        self._known = -1
        self._thread = ThreadPoolExecutor(1, "disk")
        self._next: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None

    async def flushed(self) -> None:
        """What was committed before this call is durable when it ends. Raises OSError."""
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
            if self._task is None:
                self._task = asyncio.ensure_future(self._work())
        # Whoever goes away stops nobody else's flush.
        await asyncio.shield(self._next)

    async def close(self) -> None:
        """Finish what is under way."""
        if self._task is not None:
            await asyncio.wait({self._task})
        self._thread.shutdown(wait=False)

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while self._next is not None:
            waiting, self._next = self._next, None
            try:
                await loop.run_in_executor(self._thread, self._flush)
            except BaseException as error:
                waiting.set_exception(error if isinstance(error, Exception) else OSError("stopped"))
                waiting.exception()  # seen, also where nobody waits any more
                if not isinstance(error, Exception):
                    raise
            else:
                waiting.set_result(None)
            finally:
                self._task = self._task if self._next is not None else None

    def _flush(self) -> None:
        # Opened each time: the log is another file once all connections had been closed.
        try:
            log = os.open(self._log, os.O_RDWR)
        except FileNotFoundError:  # all of it is in the database itself, flushed by SQLite
            return
        try:
            os.fdatasync(log)
            if (found := os.fstat(log).st_ino) != self._known:
                self._flush_name()
                self._known = found
        finally:
            os.close(log)

    def _flush_name(self) -> None:
        """A file that is new must be found again after a power cut."""
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
