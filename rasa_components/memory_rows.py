"""The tables of the dialogue's memory, and the events that the store before it wrote.

`dialogue_memory` is what a turn reads: one row a conversation. `dialogue_turn` is the trail: one
row a turn with its new events, read only where the whole conversation is wanted (a test story).
"""

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from rasa_components.committer import Statements

_BUSY_TIMEOUT_MS = 5000
_TABLES = sa.MetaData()
_TABLE = sa.Table(
    "dialogue_memory",
    _TABLES,
    sa.Column("sender_id", sa.String(64), primary_key=True),
    # Grows by one a turn: a tracker in memory is the row's only where the versions are the same.
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("saved_at", sa.Float, nullable=False, index=True),
    sa.Column("data", sa.Text, nullable=False),
)
_TRAIL = sa.Table(
    "dialogue_turn",
    _TABLES,
    sa.Column("sender_id", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("data", sa.Text, nullable=False),
)


class StaleTracker(Exception):
    """Another process has gone on with the conversation: this turn was made from an old state."""


@dataclass(frozen=True)
class Written:
    """What a turn writes: the memory after it, and its own events (both JSON)."""

    sender_id: str
    version: int
    at: float
    data: str
    new: str


class MemoryRows:
    """Reads and writes rows; every statement is plain SQL, prepared once."""

    def __init__(self, url: str) -> None:
        """Makes the table where it is missing. Raises the database's error where it is away."""
        self.engine = sa.create_engine(url, hide_parameters=True, **_options(url))
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(self.engine, "connect", _make_durable)
        _create(self.engine)
        self._has_old = sa.inspect(self.engine).has_table("events")
        mark = "?" if self.engine.dialect.paramstyle == "qmark" else "%s"
        self._sql = {name: text.replace("?", mark) for name, text in _STATEMENTS.items()}
        self._reader: Connection | None = None

    def version(self, sender_id: str) -> int | None:
        """The row's version, None where there is no row."""
        found = self._rows("version", sender_id)
        return int(found[0][0]) if found else None

    def read(self, sender_id: str) -> tuple[int, list[dict[str, Any]]] | None:
        """Version and events of a conversation; version 0 for events of the earlier store."""
        found = self._rows("read", sender_id)
        if found:
            return int(found[0][0]), list(json.loads(found[0][1]))
        if not self._has_old:  # the trail has no turn of a conversation without a row
            return None
        old = [event for _, events in self.trail(sender_id) for event in events]
        return (0, old) if old else None

    def trail(self, sender_id: str) -> list[tuple[int, list[dict[str, Any]]]]:
        """The events of every turn; version 0 for those of the earlier store."""
        old = self._rows("read old", sender_id) if self._has_old else []
        turns = [(0, [json.loads(row[0]) for row in old])] if old else []
        return turns + [(int(v), json.loads(data)) for v, data in self._rows("trail", sender_id)]

    def keys(self) -> list[str]:
        """The conversations that have a row."""
        return [str(row[0]) for row in self._rows("keys")]

    def write(self, statements: Statements, turn: "Written") -> None:
        """Put version + 1 in the place of `version`. Raises StaleTracker where it is another's."""
        sender_id, version = turn.sender_id, turn.version
        if version == 0:
            values = (sender_id, 1, turn.at, turn.data)
            written = statements.run(self._sql["insert"], values)
        else:
            changed = (version + 1, turn.at, turn.data, sender_id, version)
            written = statements.run(self._sql["update"], changed)
        if written != 1:
            raise StaleTracker(sender_id)
        added = (sender_id, version + 1, turn.new)
        statements.run(self._sql["add turn"], added)

    def change(
        self, statements: Statements, sender_id: str, turns: list[tuple[int, str]], data: str
    ) -> None:
        """Put other events in the place of those of a conversation, which stays the same one."""
        statements.run(self._sql["change"], (data, sender_id))
        for version, events in turns:
            if version:
                changed = (events, sender_id, version)
                statements.run(self._sql["change turn"], changed)
            else:  # what the earlier store kept moves to the trail
                statements.run(self._sql["add turn"], (sender_id, 0, events))
                self.erase_old(statements, sender_id)

    def erase(self, statements: Statements, sender_id: str) -> None:
        """Delete everything of a conversation."""
        statements.run(self._sql["erase"], (sender_id,))
        statements.run(self._sql["erase turns"], (sender_id,))
        self.erase_old(statements, sender_id)

    def erase_old(self, statements: Statements, sender_id: str) -> None:
        """Delete what the earlier store kept of a conversation."""
        if self._has_old:
            statements.run(self._sql["erase old"], (sender_id,))

    def sweep(self, statements: Statements, before: float) -> None:
        """Delete conversations in which nothing happened since `before` (Unix time)."""
        statements.run(self._sql["sweep turns"], (before,))
        statements.run(self._sql["sweep"], (before,))
        if self._has_old:
            statements.run(self._sql["sweep old"], (before,))

    def _rows(self, name: str, *values: object) -> list[Any]:
        try:
            if self._reader is not None:
                cursor = self._reader.connection.cursor()
                cursor.execute(self._sql[name], values)
                return list(cursor.fetchall())
        except self.engine.dialect.dbapi.Error:
            pass  # asked again below, where SQLAlchemy knows what to do about it
        return self._rows_or_error(name, *values)

    def _rows_or_error(self, name: str, *values: object) -> list[Any]:
        for attempt in (1, 2):
            if self._reader is None:
                self._reader = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            try:
                return list(self._reader.exec_driver_sql(self._sql[name], values).fetchall())
            except sa.exc.DBAPIError as error:
                # The connection kept for reading may have died with its server: once more.
                self._reader.close()
                self._reader = None
                if attempt == 2 or not error.connection_invalidated:
                    raise
        raise AssertionError("returned or raised")


_STATEMENTS = {
    "version": "SELECT version FROM dialogue_memory WHERE sender_id = ?",
    "read": "SELECT version, data FROM dialogue_memory WHERE sender_id = ?",
    "keys": "SELECT sender_id FROM dialogue_memory",
    "insert": "INSERT INTO dialogue_memory (sender_id, version, saved_at, data)"
    " VALUES (?, ?, ?, ?) ON CONFLICT (sender_id) DO NOTHING",
    "update": "UPDATE dialogue_memory SET version = ?, saved_at = ?, data = ?"
    " WHERE sender_id = ? AND version = ?",
    "erase": "DELETE FROM dialogue_memory WHERE sender_id = ?",
    "sweep": "DELETE FROM dialogue_memory WHERE saved_at < ?",
    "change": "UPDATE dialogue_memory SET data = ?, version = version + 1 WHERE sender_id = ?",
    "add turn": "INSERT INTO dialogue_turn (sender_id, version, data) VALUES (?, ?, ?)",
    "change turn": "UPDATE dialogue_turn SET data = ? WHERE sender_id = ? AND version = ?",
    "trail": "SELECT version, data FROM dialogue_turn WHERE sender_id = ? ORDER BY version",
    "erase turns": "DELETE FROM dialogue_turn WHERE sender_id = ?",
    "sweep turns": "DELETE FROM dialogue_turn WHERE sender_id IN"
    " (SELECT sender_id FROM dialogue_memory WHERE saved_at < ?)",
    # Rasa's own table, which the store before this one filled.
    "read old": "SELECT data FROM events WHERE sender_id = ? ORDER BY id",
    "erase old": "DELETE FROM events WHERE sender_id = ?",
    "sweep old": "DELETE FROM events WHERE sender_id IN"
    " (SELECT sender_id FROM events GROUP BY sender_id HAVING max(timestamp) < ?)",
}


def _options(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        timeout = {"timeout": _BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}
        return {"connect_args": timeout, "poolclass": sa.pool.QueuePool}
    # Rows are read in the event loop: a server that vanished must not hold up everybody.
    limits = "-c statement_timeout=5s -c lock_timeout=4s"
    args = {"connect_timeout": 3, "tcp_user_timeout": 4000, "options": limits}
    return {"pool_pre_ping": True, "connect_args": args}


def _create(engine: sa.engine.Engine) -> None:
    """Two processes may start at once: whoever comes second finds the table."""
    try:
        _TABLES.create_all(engine)
    except (sa.exc.OperationalError, sa.exc.ProgrammingError, sa.exc.IntegrityError):
        if not sa.inspect(engine).has_table(_TRAIL.name):
            raise


def _make_durable(connection: Any, _record: Any) -> None:
    # An acknowledged turn must survive a power cut as the app's own journal does.
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")
