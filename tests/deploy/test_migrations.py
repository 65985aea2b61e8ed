"""A migration runs while the release before it still serves: what that one writes must fit."""

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from bot.database import _alembic_config, create_engine, migrate_engine
from bot.settings import Settings


def _revisions() -> list[str]:
    found = ScriptDirectory.from_config(_alembic_config()).walk_revisions()
    return [script.revision for script in found][::-1]


def _upgrade(engine: Engine, revision: str) -> None:
    config = _alembic_config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


def _value(column: sa.Column[Any], number: int) -> Any:
    kind = column.type.python_type
    if kind is str:
        most = getattr(column.type, "length", None) or 10
        return f"{number:06d}"[-most:]  # 000001: a registration number too
    values = {
        int: number,
        bool: True,
        float: 1.0,
        date: date(2026, 1, 1) + timedelta(days=number),
        datetime: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number),
        bytes: b"x",
    }
    return values.get(kind, {})


def _rows(metadata: sa.MetaData, number: int) -> list[tuple[sa.Table, dict[str, Any]]]:
    """A row for each table, with every column that the release knew; parents first."""
    made: dict[tuple[str, str], Any] = {}
    rows = []
    for table in metadata.sorted_tables:
        if table.name == "alembic_version":
            continue
        row: dict[str, Any] = {}
        for column in table.columns:
            parent = next((key.column for key in column.foreign_keys), None)
            if parent is not None and (parent.table.name, parent.name) in made:
                row[column.name] = made[parent.table.name, parent.name]
            else:
                row[column.name] = _value(column, number)
            made[table.name, column.name] = row[column.name]
        rows.append((table, row))
    return rows


def _reflected(engine: Engine) -> sa.MetaData:
    metadata = sa.MetaData()
    metadata.reflect(engine)
    return metadata


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Any) -> Any:
    """An engine over a database without tables."""
    if request.param == "sqlite":
        engine = create_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    else:
        settings: Settings = request.getfixturevalue("postgres_settings")
        engine = create_engine(settings.resolved_database_url())
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
    yield engine
    engine.dispose()


@pytest.mark.parametrize("before", _revisions()[:-1])
def test_what_the_release_before_writes_fits_the_newest_tables(empty: Engine, before: str) -> None:
    _upgrade(empty, before)
    old = _reflected(empty)
    with empty.begin() as connection:
        for table, row in _rows(old, 1):
            connection.execute(table.insert(), row)
    _upgrade(empty, "head")
    with empty.begin() as connection:
        for table, row in _rows(old, 2):
            connection.execute(table.insert(), row)
        for table in old.sorted_tables:
            if table.name != "alembic_version":
                # Running conversations are not disturbed either: their rows are as they were.
                assert len(connection.execute(sa.select(table)).all()) == 2, table.name


WRITTEN_BY_MEMBERS = ("conversation", "message", "turn", "choice", "feedback")


class Writer(threading.Thread):
    """The release before, at work: a conversation with everything in it, again and again."""

    def __init__(self, url: sa.URL, tables: sa.MetaData) -> None:
        super().__init__()
        self.engine, self.tables = create_engine(url.render_as_string(False)), tables
        self.written, self.failure = 0, ""
        self.under_way, self.stop = threading.Event(), threading.Event()

    def run(self) -> None:
        try:
            while not self.stop.is_set():
                with self.engine.begin() as connection:
                    for table, row in _rows(self.tables, self.written + 1):
                        if table.name in WRITTEN_BY_MEMBERS:
                            connection.execute(table.insert(), row)
                self.written += 1
                if self.written == 5:
                    self.under_way.set()
        except Exception as error:
            self.failure = repr(error)
        finally:
            self.under_way.set()
            self.engine.dispose()


@pytest.mark.parametrize("before", [_revisions()[1], _revisions()[-2]])
def test_the_release_before_writes_while_it_runs(empty: Engine, before: str) -> None:
    _upgrade(empty, before)
    writer = Writer(empty.url, _reflected(empty))
    writer.start()
    try:
        assert writer.under_way.wait(120)
        earlier = writer.written
        migrate_engine(empty)
        during = writer.written
        while writer.written < during + 5 and not writer.failure:
            writer.under_way.wait(0.01)
    finally:
        writer.stop.set()
        writer.join(120)
    assert not writer.failure
    assert earlier >= 5 and writer.written >= during + 5
    with empty.begin() as connection:
        for name in WRITTEN_BY_MEMBERS:
            count = connection.execute(sa.text(f"SELECT count(*) FROM {name}")).scalar()
            assert count == writer.written, name


@pytest.mark.postgres
def test_a_migration_behind_a_backup_keeps_nobody_waiting(
    postgres_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits for a table that is read for long makes everybody wait who comes after it."""
    monkeypatch.setattr("bot.database._TABLE_WITHIN_S", 1)
    monkeypatch.setattr("bot.database._MIGRATION_PAUSE_S", 0.1)
    engine = create_engine(postgres_settings.resolved_database_url())
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    _upgrade(engine, "0005")
    done = threading.Thread(target=migrate_engine, args=(engine,))
    with engine.begin() as backup:
        backup.exec_driver_sql("SELECT count(*) FROM conversation")
        done.start()
        _wait_for_a_waiting_lock(engine)
        with engine.begin() as member:  # fails after lock_timeout, five seconds
            member.exec_driver_sql("SELECT count(*) FROM conversation")
    done.join(120)
    assert not done.is_alive()
    assert set(_reflected(engine).tables) >= {"conversation", "script_step"}
    engine.dispose()


def _wait_for_a_waiting_lock(engine: Engine) -> None:
    query = (
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'conversation'::regclass"
    )
    for _ in range(600):
        with engine.begin() as connection:
            if connection.exec_driver_sql(query).scalar():
                return
        threading.Event().wait(0.05)
    raise AssertionError("the migration does not change the table that is read")
