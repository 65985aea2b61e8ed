"""Sessions and connections of the stores, which may take part in a transaction of `grouped`."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, Self, cast

from sqlalchemy import Connection, Engine, RootTransaction
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from bot.database import allow_writing


class GroupedSessions:
    """Sessions of stores whose writes `GroupCommit` may run; elsewhere plain sessions.

    There a session works on the connection that writes, and the transaction is not its own.
    """

    def __init__(self, engine: Engine, sessions: sessionmaker[Session]) -> None:
        self.engine = engine
        self._sessions = sessions
        self._local = threading.local()
        self._reader: Connection | None = None

    def __call__(self) -> Session:
        """A session for reading."""
        joined = self._joined()
        if joined is None:
            return self._sessions()
        return joined.session("rollback_only")

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A session in a transaction that is committed at the end of the block."""
        with self() as session, session.begin():
            yield session

    @contextmanager
    def writing(self) -> Iterator["Writer"]:
        """Like `begin`, for statements that need no session."""
        joined = self._joined()
        if joined is None:
            with self.engine.begin() as connection, Writer(connection) as writer:
                yield writer
        else:
            try:
                with Writer(joined.connection, joined) as writer:
                    yield writer
            except BaseException:
                joined.undo()
                raise

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """A connection for prepared statements that read; the event loop keeps its own."""
        joined = self._joined()
        if joined is not None:
            yield joined.connection
        elif not in_event_loop():
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
    def within(self, joined: "Joined") -> Iterator[None]:
        """The calling thread's transactions become this one."""
        self._local.joined = joined
        try:
            yield
        finally:
            self._local.joined = None

    def _joined(self) -> "Joined | None":
        return cast(Joined | None, getattr(self._local, "joined", None))


class Joined:
    """A transaction that was begun on the driver itself; SQLAlchemy is told where it is wanted."""

    def __init__(self, connection: Connection, driver: Any) -> None:
        self.connection = connection
        self._driver = driver
        self._known: RootTransaction | None = None
        self._undone = False

    def session(self, mode: Literal["rollback_only", "create_savepoint"]) -> Session:
        """A session that takes part; nothing is begun for it (bot.database)."""
        if not self.connection.in_transaction():
            self._known = self.connection.begin()
        return Session(self.connection, join_transaction_mode=mode, expire_on_commit=False)

    @property
    def was_undone(self) -> bool:
        """Whether the transaction was rolled back, by whoever knows why."""
        return self._undone or (self._known is not None and not self._known.is_active)

    def commit(self) -> None:
        """Raises OperationalError."""
        if not self._driver.in_transaction:
            # SQLite does so for some errors of a single statement (disk full, disk failing, no
            # memory), and what had been written before would count as kept.
            raise failed("COMMIT", "the transaction was rolled back")
        if self._known is not None:
            self._known.commit()
            return
        try:
            self._driver.execute("COMMIT")
        except sqlite3.Error as error:
            raise failed("COMMIT", error) from None

    def undo(self) -> None:
        """Roll back, also what was read since. Raises SQLAlchemyError."""
        self._undone = True
        if self.connection.in_transaction():
            self.connection.rollback()
        try:
            if self._driver.in_transaction:
                self._driver.execute("ROLLBACK")
            # A session that only reads may have begun after an earlier rollback.
            allow_writing(self.connection)
        except sqlite3.Error as error:
            raise failed("ROLLBACK", error) from None


class Writer:
    """A transaction's connection, and a session on it for those who want one."""

    def __init__(self, connection: Connection, joined: Joined | None = None) -> None:
        self.connection = connection
        self._joined = joined
        self._session: Session | None = None

    def session(self) -> Session:
        """Made when it is asked for: most turns need none."""
        if self._session is None:
            mode: Literal["create_savepoint"] = "create_savepoint"
            self._session = (
                self._joined.session(mode)
                if self._joined is not None
                else Session(self.connection, join_transaction_mode=mode, expire_on_commit=False)
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


def grouped(sessions: "sessionmaker[Session] | GroupedSessions") -> GroupedSessions:
    """As stores want them, whichever is given."""
    if isinstance(sessions, GroupedSessions):
        return sessions
    return GroupedSessions(sessions.kw["bind"], sessions)


def driver_of(connection: Connection) -> Any:
    """The SQLite connection itself: SQLAlchemy's way to it costs as much as a statement."""
    return connection.connection.dbapi_connection


def failed(statement: str, why: object) -> OperationalError:
    """SQLite's error as SQLAlchemy's."""
    return OperationalError(statement, None, Exception(str(why)))


def in_event_loop() -> bool:
    """Whether this is called in one, and not in a thread beside it."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
