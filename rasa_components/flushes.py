"""Waiting for the disk without a thread, where Linux does it by itself.

`wire.disk` flushes in a thread. Waking it and being woken by it costs 120-260 us CPU a flush, as
much as half of understanding a sentence. Linux can be asked for the same `fdatasync` and says
through a file descriptor that the event loop watches when it is done (io_submit, IOCB_CMD_FDSYNC,
since Linux 4.18): 40 us. Kept: what was committed before the call is durable when the wait ends,
and the disk's error is raised. Where the kernel has it not, the thread does it.
"""

import asyncio
import ctypes
import os
import platform
import struct
import sys
from pathlib import Path

from wire.disk import Disk

# io_setup, io_submit, io_getevents.
_CALLS = {"x86_64": (206, 209, 208), "aarch64": (0, 2, 4)}
_FDSYNC, _TELL = 3, 1
_REQUEST = struct.Struct("<QIIHhIQQqQII")
_EVENT = struct.Struct("<QQqq")


class NotHere(Exception):
    """The kernel does not flush by itself."""


class Kernel:
    """One flush at a time; the descriptor `done` can be read when it has ended."""

    def __init__(self) -> None:
        """Raises NotHere."""
        numbers = _CALLS.get(platform.machine())
        if sys.platform != "linux" or numbers is None or sys.byteorder != "little":
            raise NotHere
        setup, submit, events = map(ctypes.c_long, numbers)
        self._call = ctypes.CDLL(None, use_errno=True).syscall
        context = ctypes.c_ulong(0)
        if self._call(setup, ctypes.c_long(1), ctypes.byref(context)) != 0:
            raise NotHere
        self.done = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._request = ctypes.create_string_buffer(_REQUEST.size)
        self._event = ctypes.create_string_buffer(_EVENT.size)
        one, requests = ctypes.c_long(1), (ctypes.c_void_p * 1)(ctypes.addressof(self._request))
        self._submit = (submit, context, one, requests)
        self._events = (events, context, one, one, self._event, None)

    def begin(self, file: int) -> None:
        """Flush the open `file`. Raises NotHere where the kernel will not."""
        flags = (0, 0, 0, 0, _TELL, self.done)
        _REQUEST.pack_into(self._request, 0, 0, 0, 0, _FDSYNC, 0, file, *flags)
        if self._call(*self._submit) != 1:
            raise NotHere

    def end(self) -> None:
        """Take note of the end. Raises the disk's OSError."""
        os.eventfd_read(self.done)
        if self._call(*self._events) != 1:
            raise OSError(ctypes.get_errno(), "io_getevents")
        result = _EVENT.unpack(self._event.raw)[2]
        if result < 0:
            raise OSError(-result, os.strerror(-result))


class Flushes:
    """Makes what was committed to the SQLite file `database` durable; one at a time asks for it."""

    def __init__(self, database: str) -> None:
        """Nothing is opened yet."""
        self._thread = Disk(database)
        self._log, self._folder = f"{database}-wal", Path(database).parent
        self._file, self._known = -1, -1
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: asyncio.Future[None] | None = None
        try:
            self._kernel: Kernel | None = Kernel()
        except NotHere:
            self._kernel = None

    async def flushed(self) -> None:
        """What was committed before this call is durable when it ends. Raises OSError."""
        if self._kernel is not None and not self._opened():
            return
        if self._kernel is None or not self._begun(self._kernel):
            await self._thread.flushed()
        elif self._waiting is not None:
            await self._waiting

    def _begun(self, kernel: Kernel) -> bool:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop = loop
            loop.add_reader(kernel.done, self._ended, kernel)
        try:
            kernel.begin(self._file)
        except NotHere:
            loop.remove_reader(kernel.done)
            self._kernel = None
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
