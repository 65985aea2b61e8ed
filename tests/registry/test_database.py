"""Engine, transactions and migrations on both databases."""

import subprocess
import sys
import threading
import time
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.tables import ApplicationRow, Base, ClosureRow, ImportRow, MemberRow
from bot.database import (
    BUSY_TIMEOUT_MS,
    create_engine,
    migrate,
    migrate_engine,
    reading,
    session_factory,
)
from bot.errors import SettingsError
from bot.settings import PROJECT_ROOT, Settings
from tests import postgres

REGISTRY_TABLES = {
    "member",
    "application",
    "mail",
    "closure",
    "billing_cutoff",
    "registry_import",
}


def _import(at: datetime) -> ImportRow:
    return ImportRow(started_at=at, finished_at=at, as_of=at, source="x", members=0, applications=0)


def test_migrations_make_what_the_models_say(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        different = compare_metadata(context, Base.metadata)
        tables = set(inspect(connection).get_table_names())
    ours = [d for d in different if d[0] != "remove_table"]
    assert ours == []
    assert tables >= REGISTRY_TABLES


def test_migrating_again_changes_nothing(settings: Settings) -> None:
    migrate(settings)


def test_a_database_of_a_newer_release_is_refused(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SettingsError, match="newer"):
        migrate_engine(engine)


@pytest.mark.postgres
def test_processes_that_migrate_at_once_on_postgresql(
    postgres_cluster: postgres.Cluster, tmp_path: Path
) -> None:
    import psycopg

    with psycopg.connect(postgres_cluster.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE navi_race")
    _migrate_in_processes({"NAVI_DATABASE_URL": postgres_cluster.url("navi_race")}, tmp_path)


def test_processes_that_migrate_at_once_on_sqlite(tmp_path: Path) -> None:
    _migrate_in_processes({}, tmp_path)
    assert (tmp_path / "navi.db").exists()


def _migrate_in_processes(environment: dict[str, str], var: Path) -> None:
    code = (
        "from bot.database import migrate; from bot.settings import load_settings;"
        "migrate(load_settings())"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=PROJECT_ROOT,
            env=environment | {"NAVI_VAR": str(var)},
            stderr=subprocess.PIPE,
        )
        for _ in range(3)
    ]
    for process in processes:
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors.decode()


def test_instants_come_back_in_utc(sessions: sessionmaker[Session]) -> None:
    tokyo = timezone(timedelta(hours=9))
    at = datetime(2026, 6, 9, 8, 30, 0, 123456, tokyo)
    with sessions.begin() as session:
        session.add(_import(at))
    with sessions() as session:
        stored = session.scalars(select(ImportRow)).one().as_of
    assert stored == at
    assert stored.tzinfo is UTC


def test_a_datetime_without_time_zone_is_refused(sessions: sessionmaker[Session]) -> None:
    with pytest.raises(StatementError, match="time zone"), sessions.begin() as session:
        session.add(_import(datetime(2026, 6, 9, 8, 30)))


def test_a_reading_session_cannot_write(sessions: sessionmaker[Session]) -> None:
    with pytest.raises(DBAPIError), reading(sessions) as session:
        session.add(ClosureRow(day=date(2026, 8, 13)))
        session.flush()
    with sessions.begin() as session:  # the same pooled connection writes again
        session.add(ClosureRow(day=date(2026, 8, 13)))


def test_foreign_keys_hold(sessions: sessionmaker[Session]) -> None:
    with pytest.raises(IntegrityError), sessions.begin() as session:
        session.add(ApplicationRow(number="123456", position=0, applied_at=datetime.now(UTC)))


def test_removing_a_member_removes_what_is_theirs(sessions: sessionmaker[Session]) -> None:
    now = datetime.now(UTC)
    with sessions.begin() as session:
        session.add(MemberRow(number="012345", as_of=now, created_at=now, updated_at=now))
        session.flush()
        session.add(ApplicationRow(number="012345", position=0, applied_at=now))
    with sessions.begin() as session:
        session.execute(text("DELETE FROM member"))
        assert session.scalars(select(ApplicationRow)).all() == []


def test_sqlite_writers_wait_for_each_other(sqlite_settings: Settings) -> None:
    """Read, then write, from several threads: with a deferred BEGIN this fails at once."""
    engine = create_engine(sqlite_settings.resolved_database_url())
    sessions = session_factory(engine)
    failures: list[BaseException] = []

    def add_ten(offset: int) -> None:
        try:
            for i in range(10):
                with sessions.begin() as session:
                    session.scalars(select(ClosureRow)).all()
                    time.sleep(0.002)
                    session.add(ClosureRow(day=date(2026, 1, 1) + timedelta(offset + i)))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=add_ten, args=(10 * i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sessions() as session:
        count = len(session.scalars(select(ClosureRow)).all())
    engine.dispose()
    assert failures == []
    assert count == 40


def test_readers_do_not_wait_for_the_sqlite_writer(sqlite_settings: Settings) -> None:
    engine = create_engine(sqlite_settings.resolved_database_url())
    sessions = session_factory(engine)
    with sessions.begin() as writer:
        writer.add(ClosureRow(day=date(2026, 8, 13)))
        writer.flush()
        started = time.monotonic()
        with reading(sessions) as session:
            assert session.scalars(select(ClosureRow)).all() == []
        assert time.monotonic() - started < BUSY_TIMEOUT_MS / 1000  # a waiting one would fail then
    engine.dispose()


@pytest.mark.parametrize("url", ["nonsense", "mysql://x/y", "http://example"])
def test_other_databases_are_refused_by_name(url: str) -> None:
    with pytest.raises(SettingsError, match="NAVI_DATABASE_URL"):
        create_engine(url)
