"""Group commit for the embedded database: one thread writes, one durable commit for all.

SQLite has one writer at a time and each durable commit waits for the disk. Writers that come
while one commits would poll for their turn; here they wait in a queue, and all that gathered
during a commit go into the next, each in a savepoint of its own so that one that fails takes
nothing from the others.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

_MOST = 64


class GroupedSessions:
    """Sessions of stores whose writes may be part of a group; elsewhere plain sessions.

    Inside a group a session works on the group's connection, and its commit ends a savepoint.
    """

    def __init__(self, engine: Engine, sessions: sessionmaker[Session]) -> None:
        self.engine = engine
        self._sessions = sessions
        self._local = threading.local()

    def __call__(self) -> Session:
        """A session for reading."""
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            return self._sessions()
        return Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A session in a transaction that is committed at the end of the block."""
        with self() as session, session.begin():
            yield session

    @contextmanager
    def group(self) -> Iterator[None]:
        """The calling thread's transactions become parts of one, durable when the block ends."""
        with self.engine.begin() as connection:
            self._local.connection = connection
            try:
                yield
            finally:
                self._local.connection = None
            _still_open(connection)


def _still_open(connection: Connection) -> None:
    """Raises OperationalError where SQLite has given the transaction up by itself.

    It does so for some errors of a single statement (disk full, disk failing, no memory), and the
    commit that follows says nothing: what had been written before would count as kept.
    """
    if not getattr(connection.connection.driver_connection, "in_transaction", True):
        raise OperationalError("COMMIT", None, Exception("the transaction was rolled back"))


class _Job:
    def __init__(self, call: Callable[[], Any]) -> None:
        self.call = call
        self.done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.result: Any = None
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self.result = self.call()
        except Exception as error:
            self.error = error

    def settle(self) -> None:
        if self.done.done():  # whoever waited was cancelled
            return
        if self.error is None:
            self.done.set_result(self.result)
        else:
            self.done.set_exception(self.error)


class GroupCommit:
    """Runs writes in the order in which they come; each is durable when its wait ends."""

    def __init__(self, sessions: GroupedSessions) -> None:
        """The thread starts with the first write and ends with the process."""
        self._sessions = sessions
        self._waiting: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    async def run(self, call: Callable[[], Any]) -> Any:
        """The result of `call`, committed. Raises what it or the commit raised."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
            self._thread.start()
        job = _Job(call)
        self._waiting.put(job)
        return await job.done

    def _work(self) -> None:
        while True:
            jobs = [self._waiting.get()]
            while len(jobs) < _MOST and not self._waiting.empty():
                jobs.append(self._waiting.get())
            self._run(jobs)
            _tell(jobs)

    def _run(self, jobs: list[_Job]) -> None:
        if len(jobs) == 1:
            jobs[0].run()  # its own transaction: no savepoint
            return
        try:
            with self._sessions.group():
                for job in jobs:
                    job.run()
        except Exception as error:  # the commit itself: nothing of the group stays
            for job in jobs:
                job.error = job.error or error


def _tell(jobs: list[_Job]) -> None:
    """Wake those who wait, each in its own event loop."""
    for loop in {job.done.get_loop() for job in jobs}:
        own = [job for job in jobs if job.done.get_loop() is loop]
        if not loop.is_closed():
            loop.call_soon_threadsafe(_settle, own)


def _settle(jobs: list[_Job]) -> None:
    for job in jobs:
        job.settle()
