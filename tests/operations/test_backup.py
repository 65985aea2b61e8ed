"""Backup and restore, on both databases, while somebody writes."""

import itertools
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from bot.database import create_engine, session_factory
from bot.errors import SettingsError
from bot.messages import Draft
from bot.settings import Settings
from bot.store.backup import back_up, restore
from bot.store.journal import Journal
from bot.store.records import Conversation
from tests import postgres

NOW = datetime(2026, 6, 10, 3, tzinfo=UTC)


def conversation(name: str) -> Conversation:
    return Conversation(name, "0" * 64, "web", None, None, None, 0)


def begun(sessions: sessionmaker[Session], name: str) -> None:
    Journal(sessions).begin(conversation(name), [Draft("bot", f"こんにちは {name}")], NOW)


@pytest.fixture
def programs(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's own programs are found, where the database is PostgreSQL."""
    folder = postgres._programs()
    if "postgresql" in settings.resolved_database_url() and folder is not None:
        monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


@pytest.fixture
def elsewhere(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """The same kind of database, new and empty."""
    if "postgresql" not in settings.resolved_database_url():
        yield Settings(env=settings.env, var=tmp_path / "elsewhere")
        return
    engine = create_engine(settings.resolved_database_url())
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CREATE DATABASE elsewhere")
    url = settings.database_url.replace(f"/{engine.url.database}?", "/elsewhere?")
    yield settings.model_copy(update={"database_url": url})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("DROP DATABASE elsewhere WITH (FORCE)")
    engine.dispose()


@pytest.mark.usefixtures("programs")
def test_what_was_committed_before_is_there_afterwards(
    settings: Settings, sessions: sessionmaker[Session], elsewhere: Settings, tmp_path: Path
) -> None:
    begun(sessions, "before")
    stop = threading.Event()

    def write() -> None:
        for number in itertools.count():
            if stop.is_set():
                return
            begun(sessions, f"meanwhile-{number}")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        backup = back_up(settings, tmp_path / "backups", NOW)
    finally:
        stop.set()
        writer.join()
    restore(elsewhere, backup)
    engine = create_engine(elsewhere.resolved_database_url())
    journal = Journal(session_factory(engine))
    [message] = journal.messages("before", 0)
    assert message.draft.text == "こんにちは before"
    # The copy is one moment of the database: no message without its conversation or the reverse.
    number = 0
    while journal.find(f"meanwhile-{number}") is not None:
        assert len(journal.messages(f"meanwhile-{number}", 0)) == 1
        number += 1
    engine.dispose()


@pytest.mark.usefixtures("programs")
def test_nothing_is_written_over(settings: Settings, tmp_path: Path) -> None:
    backup = back_up(settings, tmp_path / "backups", NOW)
    with pytest.raises(SettingsError, match=r"is there|not empty"):
        restore(settings, backup)


def test_a_damaged_backup_is_refused(sqlite_settings: Settings, tmp_path: Path) -> None:
    backup = back_up(sqlite_settings, tmp_path / "backups", NOW)
    with (backup / "navi.db").open("r+b") as file:
        file.seek(5000)
        file.write(b"damaged")
    with pytest.raises(SettingsError, match="not what was backed up"):
        restore(Settings(var=tmp_path / "elsewhere"), backup)
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_is_no_backup_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is no backup"):
        restore(Settings(var=tmp_path / "elsewhere"), tmp_path)


def test_the_dialogues_memory_is_part_of_it(sqlite_settings: Settings, tmp_path: Path) -> None:
    with closing(sqlite3.connect(sqlite_settings.var / "dialogue.db")) as memory:
        memory.execute("CREATE TABLE remembered (words TEXT)")
        memory.execute("INSERT INTO remembered VALUES ('開設完了')")
        memory.commit()
    backup = back_up(sqlite_settings, tmp_path / "backups", NOW)
    restore(Settings(var=tmp_path / "elsewhere"), backup)
    with closing(sqlite3.connect(tmp_path / "elsewhere" / "dialogue.db")) as memory:
        assert memory.execute("SELECT words FROM remembered").fetchall() == [("開設完了",)]


def test_two_backups_stand_side_by_side(sqlite_settings: Settings, tmp_path: Path) -> None:
    first = back_up(sqlite_settings, tmp_path / "backups", NOW)
    second = back_up(sqlite_settings, tmp_path / "backups", NOW + timedelta(hours=1))
    assert sorted(p.name for p in (tmp_path / "backups").iterdir()) == [first.name, second.name]
    assert (second.stat().st_mode & 0o777) == 0o700
    at_once = back_up(sqlite_settings, tmp_path / "backups", NOW)
    assert at_once.name == f"{first.name}-2"
    shutil.rmtree(first)
    restore(Settings(var=tmp_path / "elsewhere"), second)
    restore(Settings(var=tmp_path / "third"), at_once)


def test_a_folder_that_cannot_be_written_is_named(
    sqlite_settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="no backup can be made there"):
        back_up(sqlite_settings, tmp_path / "file", NOW)
