"""Group commit for the embedded database: one writer, one durable commit for all.

SQLite has one writer at a time and each durable commit waits for the disk. Writers that come
while one commits would poll for their turn; here they wait in a queue, and all that gathered
during a commit go into the next, each in a savepoint of its own so that one that fails takes
nothing from the others.

The statements run in the event loop: they touch memory only, and a thread that computes beside
the loop would wait for the interpreter's lock at each of them. The commit, which waits for the
disk, runs in a thread, and so does a group that another process's writer holds up.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeVar, cast

from sqlalchemy import Connection, Engine, RootTransaction
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from bot.database import BUSY_TIMEOUT_MS

_MOST = 64
_ENDS_WITHIN_S = 2.0
_R = TypeVar("_R")


@dataclass(frozen=True)
class _Joined:
    connection: Connection
    mode: Literal["rollback_only", "create_savepoint"]


class GroupedSessions:
    """Sessions of stores whose writes may be part of a group; elsewhere plain sessions.

    Inside a group a session works on the group's connection, and its commit ends a savepoint.
    """

    def __init__(self, engine: Engine, sessions: sessionmaker[Session]) -> None:
        self.engine = engine
        self._sessions = sessions
        self._local = threading.local()
        self._reader: Connection | None = None

    def __call__(self) -> Session:
        """A session for reading."""
        joined: _Joined | None = getattr(self._local, "joined", None)
        if joined is None:
            return self._sessions()
        return Session(joined.connection, join_transaction_mode=joined.mode, expire_on_commit=False)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A session in a transaction that is committed at the end of the block."""
        with self() as session, session.begin():
            yield session

    @contextmanager
    def writing(self) -> Iterator["Writer"]:
        """Like `begin`, for statements that need no session."""
        joined: _Joined | None = getattr(self._local, "joined", None)
        if joined is None:
            with self.engine.begin() as connection, Writer(connection) as writer:
                yield writer
        elif joined.mode == "create_savepoint":
            with joined.connection.begin_nested(), Writer(joined.connection) as writer:
                yield writer
        else:
            try:
                with Writer(joined.connection) as writer:
                    yield writer
            except BaseException:
                joined.connection.rollback()
                raise

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """A connection for prepared statements that read; the event loop keeps its own."""
        joined: _Joined | None = getattr(self._local, "joined", None)
        if joined is not None:
            yield joined.connection
        elif not _in_event_loop():
            with self.engine.connect() as connection:
                yield connection
        else:
            if self._reader is None:
                self._reader = self.engine.connect()
            yield self._reader

    def close(self) -> None:
        """Let go of the event loop's connection."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    @contextmanager
    def within(self, connection: Connection, alone: bool) -> Iterator[None]:
        """The calling thread's transactions become parts of this connection's.

        `alone`: there is one of them, so that it may take the whole with it where it fails.
        """
        self._local.joined = _Joined(connection, "rollback_only" if alone else "create_savepoint")
        try:
            yield
        finally:
            self._local.joined = None


class Writer:
    """A transaction's connection, and a session on it for those who want one."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._session: Session | None = None

    def session(self) -> Session:
        """Made when it is asked for: most turns need none."""
        if self._session is None:
            mode: Literal["create_savepoint"] = "create_savepoint"
            self._session = Session(
                self.connection, join_transaction_mode=mode, expire_on_commit=False
            )
        return self._session

    def flush(self) -> None:
        """What the session holds back is written now."""
        if self._session is not None:
            self._session.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._session is not None:
            try:
                if kind is None:
                    self._session.commit()
            finally:
                self._session.close()


class _Job:
    def __init__(self, call: Callable[[], Any]) -> None:
        self.call = call
        self.done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.result: Any = None
        self.error: BaseException | None = None

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


def grouped(sessions: "sessionmaker[Session] | GroupedSessions") -> GroupedSessions:
    """As stores want them, whichever is given."""
    if isinstance(sessions, GroupedSessions):
        return sessions
    return GroupedSessions(sessions.kw["bind"], sessions)


class GroupCommit:
    """Runs writes in the order in which they come; each is durable when its wait ends."""

    def __init__(self, sessions: GroupedSessions) -> None:
        """One event loop at a time uses it."""
        self._sessions = sessions
        self._waiting: deque[_Job] = deque()
        self._disk = ThreadPoolExecutor(1, "journal")
        self._task: asyncio.Task[None] | None = None
        self._connection: Connection | None = None

    async def close(self) -> None:
        """Finish what is under way and let go of the connections."""
        if self._task is not None and not self._task.done():
            await asyncio.wait({self._task}, timeout=_ENDS_WITHIN_S)
        self._drop()
        self._sessions.close()
        self._disk.shutdown(wait=False)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()  # the pool's others wait for writers, this one does not
            self._connection.close()
            self._connection = None

    async def run(self, call: Callable[[], _R]) -> _R:
        """The result of `call`, committed. Raises what it or the commit raised."""
        job = _Job(call)
        self._waiting.append(job)
        if self._task is None or self._task.done():
            # Begins after everybody who is about to write now has come.
            self._task = asyncio.ensure_future(self._work())
        return cast(_R, await job.done)

    async def _work(self) -> None:
        while self._waiting:
            jobs = [self._waiting.popleft() for _ in range(min(_MOST, len(self._waiting)))]
            try:
                await self._commit(jobs)
            except BaseException as error:  # the commit itself: nothing of the group stays
                for job in jobs:
                    job.error = job.error or error
                if not isinstance(error, Exception):
                    raise
            finally:
                for job in jobs:
                    job.settle()

    async def _commit(self, jobs: list[_Job]) -> None:
        loop = asyncio.get_running_loop()
        # What a session of an earlier group asked for (reading only) holds no longer.
        connection = self._opened().execution_options(navi_begin="immediate")
        try:
            transaction = _begun_at_once(connection)
            if transaction is None:
                await loop.run_in_executor(self._disk, self._wait_and_run, connection, jobs)
                return
            self._run(connection, jobs)
            if transaction.is_active:  # else the only one that was to be kept failed
                await loop.run_in_executor(self._disk, transaction.commit)
        except Exception:
            self._drop()  # rolls back
            raise
        except BaseException:
            self._connection = None  # the commit may still be under way
            raise
        if connection.in_transaction():  # a job that failed alone may have read since
            connection.rollback()

    def _opened(self) -> Connection:
        """The connection that writes: kept, since taking one from the pool costs a statement."""
        if self._connection is None:
            self._connection = self._sessions.engine.connect()
            _wait_at_most(self._connection, 0)
        return self._connection

    def _wait_and_run(self, connection: Connection, jobs: list[_Job]) -> None:
        _wait_at_most(connection, BUSY_TIMEOUT_MS)
        try:
            with connection.begin():  # commits only what is still there
                self._run(connection, jobs)
        finally:
            _wait_at_most(connection, 0)

    def _run(self, connection: Connection, jobs: list[_Job]) -> None:
        with self._sessions.within(connection, alone=len(jobs) == 1):
            for job in jobs:
                if len(jobs) > 1:  # else the next one's savepoint would be a transaction
                    _still_open(connection)
                job.run()
        if connection.in_transaction():
            _still_open(connection)


def _begun_at_once(connection: Connection) -> RootTransaction | None:
    """A transaction that writes; None where another writer is at work. Nobody is waited for."""
    try:
        return connection.begin()
    except OperationalError:
        return None


def _wait_at_most(connection: Connection, ms: int) -> None:
    """How long the connection waits for another writer; the pool's others wait as they did."""
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA busy_timeout = {ms}")


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _still_open(connection: Connection) -> None:
    """Raises OperationalError where SQLite has given the transaction up by itself.

    It does so for some errors of a single statement (disk full, disk failing, no memory), and the
    commit that follows says nothing: what had been written before would count as kept.
    """
    if not getattr(connection.connection.driver_connection, "in_transaction", True):
        raise OperationalError("COMMIT", None, Exception("the transaction was rolled back"))
