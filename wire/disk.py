"""Waiting for the disk outside of transactions, once for all who wait (embedded database).

With `synchronous=FULL` SQLite flushes its log (the WAL) inside every commit. With NORMAL a commit
writes to the log only: it survives the process's end, and a power cut as soon as the log has been
flushed, which is all that FULL adds (sqlite.org/pragma.html, synchronous; sqlite.org/wal.html).
Here that flush is made after the commit, by the kernel or in a thread: no connection is held up by
it, statements of other conversations go on meanwhile, and one flush serves everybody who waits
when it begins.
"""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from wire.kernel import Kernel, NotHere


class Flushes:
    """Makes what was committed to the SQLite file `database` durable; one at a time asks for it."""

    def __init__(self, database: str) -> None:
        """Nothing is opened yet."""
        self._log, self._folder = f"{database}-wal", Path(database).parent
        self._file, self._known = -1, -1
        self._thread = ThreadPoolExecutor(1, "disk")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: asyncio.Future[None] | None = None
        try:
            self._kernel: Kernel | None = Kernel()
        except NotHere:
            self._kernel = None

    async def flushed(self) -> None:
        """What was committed before this call is durable when it ends. Raises OSError."""
        if not self._opened():
            return
        if self._kernel is not None and self._begun(self._kernel):
            assert self._waiting is not None
            await self._waiting
        else:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._thread, os.fdatasync, self._file)

    def close(self) -> None:
        """Let go of all; nobody may be waiting."""
        self._thread.shutdown()
        if self._kernel is not None:
            self._without_kernel(self._kernel)
        if self._file >= 0:
            os.close(self._file)
            self._file, self._known = -1, -1

    def _begun(self, kernel: Kernel) -> bool:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop = loop
            loop.add_reader(kernel.done, self._ended, kernel)
        try:
            kernel.begin(self._file)
        except NotHere:
            self._without_kernel(kernel)
            return False
        self._waiting = loop.create_future()
        return True

    def _ended(self, kernel: Kernel) -> None:
        error: OSError | None = None
        try:
            kernel.end()
        except OSError as found:
            error = found
        waiting, self._waiting = self._waiting, None
        if waiting is None or waiting.done():  # the loop is closing
            return
        if error is None:
            waiting.set_result(None)
        else:
            waiting.set_exception(error)

    def _without_kernel(self, kernel: Kernel) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(kernel.done)
        self._kernel = None
        kernel.close()

    def _opened(self) -> bool:
        """Whether there is a log: it is another file once all connections had been closed."""
        try:
            there = os.stat(self._log).st_ino
        except FileNotFoundError:  # all of it is in the database itself, flushed by SQLite
            return False
        if there != self._known:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1
            self._file = os.open(self._log, os.O_RDWR | os.O_CLOEXEC)
            self._flush_name()
            self._known = os.fstat(self._file).st_ino
        return True

    def _flush_name(self) -> None:
        """A file that is new must be found again after a power cut."""
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class Disk:
    """The same for any number who ask at the same time; one event loop uses it."""

    def __init__(self, database: str) -> None:
        """Nothing is opened yet."""
        self._flushes = Flushes(database)
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
        self._flushes.close()

    async def _work(self) -> None:
        try:
            while self._next is not None:
                waiting, self._next = self._next, None
                try:
                    await self._flushes.flushed()
                except BaseException as error:
                    told = error if isinstance(error, Exception) else OSError("stopped")
                    waiting.set_exception(told)
                    waiting.exception()  # seen, also where nobody waits any more
                    if not isinstance(error, Exception):
                        raise
                else:
                    waiting.set_result(None)
        finally:
            self._task = None
