"""Group commit: one thread, one connection, one durable commit for all turns that wait.

A durable commit waits for the disk. Done in the event loop it holds up every conversation; done
for each turn alone the disk is the limit. Here a turn hands its write over and waits; whatever
has gathered during one commit goes into the next. The connection is kept and used without
SQLAlchemy's layers, which cost as much as the writing itself. (`embedded` does without the thread.)
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

MOST = 64


class Statements:
    """Runs statements of the driver's own form on one connection."""

    def __init__(self, connection: Any) -> None:
        self._cursor = connection.cursor()

    def run(self, statement: str, values: tuple[object, ...] = ()) -> int:
        """How many rows it changed. Raises the driver's error."""
        self._cursor.execute(statement, values)
        return int(self._cursor.rowcount)


Write = Callable[[Statements], None]


class Committer:
    """Runs writes in the order in which they come; each is durable when its wait ends."""

    def __init__(self, engine: sa.engine.Engine) -> None:
        """The thread starts with the first write and ends with the process."""
        self._engine = engine
        self._waiting: queue.SimpleQueue[tuple[Write, asyncio.Future[None]]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._connection: Any = None
        self._committing = False

    async def commit(self, write: Write, durable: bool = True) -> None:
        """Run `write` in a transaction. Raises what it or the commit raised; then nothing stays.

        A database server makes each durable; elsewhere somebody else may do so (not `durable`).
        """
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="committer", daemon=True)
            self._thread.start()
        done = asyncio.get_running_loop().create_future()
        self._waiting.put((write, done))
        await done

    async def commit_long(self, write: Write) -> None:
        """The same for a write that would hold up everybody."""
        await self.commit(write)

    async def settled(self) -> None:
        """Everything committed until now is durable when this ends."""

    def _work(self) -> None:
        while True:
            batch = [self._waiting.get()]
            while len(batch) < MOST and not self._waiting.empty():
                batch.append(self._waiting.get())
            self._answer(batch)

    def _answer(self, batch: list[tuple[Write, "asyncio.Future[None]"]]) -> None:
        # A turn that was given up while it waited here has not happened: the member was told so.
        batch = [(write, done) for write, done in batch if not done.cancelled()]
        if not batch:
            return
        try:
            self._together([write for write, _ in batch])
        except Exception as error:
            if len(batch) == 1:
                _settle([batch[0][1]], error)
                return
            for one in batch:  # which of them was it? The others must not suffer
                self._answer([one])
            return
        _settle([done for _, done in batch], None)

    def _together(self, writes: list[Write]) -> None:
        kept = self._connection is not None
        try:
            self._run(writes)
        except self._engine.dialect.dbapi.Error:
            # The kept connection may have died with its server. Where it died before the commit,
            # nothing was written: once more on a new one.
            if not kept or self._connection is not None or self._committing:
                raise
            self._run(writes)

    def _run(self, writes: list[Write]) -> None:
        self._committing = False
        if self._connection is None:
            self._connection = self._open()
        try:
            statements = Statements(self._connection)
            self._begin(statements)
            for write in writes:
                write(statements)
            self._committing = True
            self._connection.commit()
        except BaseException as error:
            self._undo(error)
            raise

    def _open(self) -> Any:
        return self._engine.raw_connection()

    def _begin(self, statements: Statements) -> None:
        """The driver begins a transaction by itself."""

    def _undo(self, error: BaseException) -> None:
        connection, self._connection = self._connection, None
        dialect = self._engine.dialect
        try:
            if isinstance(error, dialect.dbapi.Error) and dialect.is_disconnect(
                error, connection.dbapi_connection, None
            ):
                connection.invalidate()
            else:
                connection.rollback()
                self._connection = connection
        except dialect.dbapi.Error:
            connection.invalidate()


def committer_for(engine: sa.engine.Engine) -> Committer:
    """The one for the engine's database."""
    if engine.dialect.name != "sqlite":
        return Committer(engine)
    from rasa_components.embedded import EmbeddedCommitter  # it builds on this module

    return EmbeddedCommitter(engine)


def tell(waiting: "list[asyncio.Future[None]]", error: Exception | None) -> None:
    """Tell those who wait, in their event loop: it is written, or why it is not."""
    for done in waiting:
        if done.done():  # whoever waited was cancelled
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)


def _settle(waiting: "list[asyncio.Future[None]]", error: Exception | None) -> None:
    loop = waiting[0].get_loop()
    if not loop.is_closed():
        loop.call_soon_threadsafe(tell, waiting, error)
