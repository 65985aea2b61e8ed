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

    def begun(self) -> asyncio.Future[None]:
        """What was committed before this call is durable when it ends. Raises OSError, or it does.

        Needs a running event loop.
        """
        loop = asyncio.get_running_loop()
        if not self._opened():
            nothing: asyncio.Future[None] = loop.create_future()
            nothing.set_result(None)
            return nothing
        if self._kernel is not None and self._begun(self._kernel, loop):
            assert self._waiting is not None
            return self._waiting
        return loop.run_in_executor(self._thread, os.fdatasync, self._file)

    async def flushed(self) -> None:
        """The same, awaited. Raises OSError."""
        await self.begun()

    def close(self) -> None:
        """Let go of all; nobody may be waiting."""
        self._thread.shutdown()
        if self._kernel is not None:
            self._without_kernel(self._kernel)
        if self._file >= 0:
            os.close(self._file)
            self._file, self._known = -1, -1

    def _begun(self, kernel: Kernel, loop: asyncio.AbstractEventLoop) -> bool:
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
        self._waiting: list[asyncio.Future[None]] = []
        self._served: list[asyncio.Future[None]] | None = None
        self._closed = False

    def begun(self, at_once: bool = False) -> asyncio.Future[None]:
        """What was committed before this call is durable when it ends. It raises OSError.

        Unless it is to begin `at_once`, it serves all who ask in this round of the event loop.
        Each caller has a future of its own: whoever goes away stops nobody else's flush.
        """
        loop = asyncio.get_running_loop()
        mine: asyncio.Future[None] = loop.create_future()
        if self._closed:
            mine.set_exception(OSError("closed"))
            return mine
        self._waiting.append(mine)
        if self._served is None:
            if at_once:
                self._begin()
            elif len(self._waiting) == 1:
                loop.call_soon(self._begin)
        return mine

    async def close(self) -> None:
        """Finish what is under way."""
        while self._served is not None or self._waiting:
            await asyncio.wait({self.begun()})
        self._closed = True
        self._flushes.close()

    def _begin(self) -> None:
        if self._served is not None or not self._waiting:  # somebody asked at once meanwhile
            return
        self._served, self._waiting = self._waiting, []
        try:
            self._flushes.begun().add_done_callback(self._ended)
        except Exception as error:  # whatever it was: who waits is told, and the next may begin
            self._tell(error)

    def _ended(self, flush: asyncio.Future[None]) -> None:
        self._tell(OSError("stopped") if flush.cancelled() else flush.exception())
        self._begin()

    def _tell(self, error: BaseException | None) -> None:
        if error is not None and not isinstance(error, OSError):
            error = OSError(type(error).__name__)
        served, self._served = self._served or [], None
        for each in served:
            if each.done():  # whoever waited was cancelled
                continue
            if error is None:
                each.set_result(None)
            else:
                each.set_exception(error)
                each.exception()  # seen, also where nobody waits any more
