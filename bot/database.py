"""The app's database: engine, sessions and migrations for SQLite and PostgreSQL.

SQLite has one writer at a time. A transaction that begins by reading and then writes can
fail at once (its snapshot may be old), without the wait that `busy_timeout` promises; so a
transaction takes the writer's place at its start (BEGIN IMMEDIATE) unless it says that it
only reads (`READ_ONLY`) or writes to temporary tables (`DEFERRED`).
"""

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.tables import READ_ONLY
from bot.errors import SettingsError
from bot.fastjson import read, text_of
from bot.settings import PROJECT_ROOT, Settings

DEFERRED: Mapping[str, Any] = {"navi_begin": "deferred"}
MIGRATIONS = PROJECT_ROOT / "migrations"

BUSY_TIMEOUT_MS = 5_000  # half of a turn's deadline: a member is told, not left waiting
_WAL_TRIES = 100
_MIGRATION_LOCK = 0x6E617669  # "navi": any number, the same in every process
# A table is waited for less long than members' statements wait behind it (lock_timeout below).
_TABLE_WITHIN_S = 2
_MIGRATION_TRIES = 60
_MIGRATION_PAUSE_S = 3.0
_BEGIN = {
    "immediate": ("PRAGMA query_only = 0", "BEGIN IMMEDIATE"),
    "deferred": ("PRAGMA query_only = 0", "BEGIN DEFERRED"),
    "read only": ("PRAGMA query_only = 1", "BEGIN DEFERRED"),
}
_POSTGRESQL = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,  # ms; a server that vanished says nothing
    "application_name": "navi",
    "options": "-c statement_timeout=60s -c lock_timeout=5s "
    "-c idle_in_transaction_session_timeout=120s",
}


def create_engine(url: str) -> Engine:
    """An engine for a SQLite or PostgreSQL address. Nothing is opened yet.

    Raises SettingsError for an address that is neither.
    """
    address = _address(url)
    if address.get_backend_name() == "sqlite":
        engine = sqlalchemy.create_engine(
            address,
            hide_parameters=True,
            json_serializer=text_of,
            json_deserializer=read,
            pool_size=10,
            connect_args={"timeout": BUSY_TIMEOUT_MS / 1000},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return sqlalchemy.create_engine(
        address,
        hide_parameters=True,  # an error's message would carry members' data into the logs
        pool_pre_ping=True,
        pool_size=10,
        pool_timeout=5,
        connect_args={k: v for k, v in _POSTGRESQL.items() if k not in address.query},
    )


def session_factory(engine: Engine) -> sessionmaker[Session]:
    """Sessions that write. Objects stay readable after commit, which happens at the edge."""
    return sessionmaker(engine, expire_on_commit=False)


class Sessions(Protocol):
    """What stores are given: a `sessionmaker`, or one whose writes are grouped."""

    def __call__(self) -> Session:
        """A session for reading."""

    def begin(self) -> AbstractContextManager[Session]:
        """A session in a transaction that is committed at the end of the block."""


@contextmanager
def reading(sessions: Sessions) -> Iterator[Session]:
    """A session of one snapshot that waits for no writer and cannot write."""
    with sessions() as session:
        session.connection(execution_options=READ_ONLY)
        yield session


def open_database(settings: Settings) -> Engine:
    """The engine of these settings; makes the folder of the embedded file."""
    file = sqlite_file(settings)
    if file is not None:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return create_engine(settings.resolved_database_url())


def sqlite_file(settings: Settings) -> Path | None:
    """The embedded database's file, None where the database is a server."""
    address = _address(settings.resolved_database_url())
    is_file = address.get_backend_name() == "sqlite" and address.database
    return Path(str(address.database)) if is_file else None


def migrate(settings: Settings) -> None:
    """Bring the database to the newest revision; safe when two processes start at once.

    Raises SettingsError where the database was made by a newer release.
    """
    engine = open_database(settings)
    try:
        migrate_engine(engine)
    finally:
        engine.dispose()


def migrate_engine(engine: Engine) -> None:
    """Like `migrate`, on an engine that is there already.

    A table that somebody reads for long (a backup) is tried again and again: whoever waits for it
    makes all others wait behind, and the release before is still serving.
    """
    from alembic.util import CommandError

    for attempt in range(_MIGRATION_TRIES):
        try:
            _upgrade(engine)
        except CommandError as error:
            raise SettingsError(
                f"the database does not fit this release (made by a newer one?): {error}"
            ) from None
        except OperationalError as error:
            if not _is_in_use(error) or attempt == _MIGRATION_TRIES - 1:
                raise
            time.sleep(_MIGRATION_PAUSE_S)
        else:
            return


def _upgrade(engine: Engine) -> None:
    from alembic import command

    config = _alembic_config()
    with engine.connect() as connection, _alone(connection):
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _is_in_use(error: OperationalError) -> bool:
    """Whether PostgreSQL could not have a table in time."""
    return getattr(error.orig, "sqlstate", None) == "55P03"


def _alembic_config() -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """A transaction that waits up to a minute for another process's migration."""
    if connection.dialect.name == "sqlite":
        # Being the one writer is the lock. The wait is set on the driver, since by the
        # first statement of ours the transaction would have begun with the short one.
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA busy_timeout = 60000")
        connection.begin()
        try:
            yield
        finally:
            driver.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    else:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '60s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_TABLE_WITHIN_S}s'")
        yield


def _address(url: str) -> URL:
    try:
        address = make_url(url)
        backend = address.get_backend_name()
    except (ArgumentError, ValueError):
        raise SettingsError("NAVI_DATABASE_URL: not an address of a database") from None
    if backend not in ("sqlite", "postgresql"):
        raise SettingsError("NAVI_DATABASE_URL: sqlite:/// or postgresql:// is needed")
    return address


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # isolation_level None: the driver begins nothing by itself, `_begin_sqlite` does.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")  # a commit survives a power cut
    _switch_to_wal(connection)


def _switch_to_wal(connection: Any) -> None:
    """Set WAL once for the file; the first two processes may meet here, hence the tries."""
    for attempt in range(_WAL_TRIES):
        try:
            if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] == "wal":
                return
        except sqlite3.OperationalError:
            if attempt == _WAL_TRIES - 1:
                raise
        time.sleep(0.05)


def _begin_sqlite(connection: Connection) -> None:
    # On the driver itself: three statements a transaction would be half of a short read's cost.
    driver: Any = connection.connection.dbapi_connection
    if driver.in_transaction:  # begun on the driver itself (bot.store.grouped)
        return
    mode = connection.get_execution_options().get("navi_begin", "immediate")
    query_only, begin = _BEGIN[mode]
    _set_query_only(connection, query_only)
    try:
        driver.execute(begin)
    except sqlite3.Error as error:
        raise sqlalchemy.exc.OperationalError(begin, (), error) from None


def _set_query_only(connection: Connection, query_only: str) -> None:
    if connection.info.get("query_only") != query_only:
        driver: Any = connection.connection.dbapi_connection
        driver.execute(query_only)
        connection.info["query_only"] = query_only


def allow_writing(connection: Connection) -> None:
    """The connection of an embedded database may write, whatever it was used for before."""
    _set_query_only(connection, _BEGIN["immediate"][0])
