"""The dialogue servers' role in PostgreSQL: their own tables, nothing of the apps'."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from bot.settings import PROJECT_ROOT, Settings
from bot.store.backup import back_up, restore
from tests import postgres
from tests.dialogue.test_inside import run
from tests.operations.test_backup import NOW

SCRIPT = PROJECT_ROOT / "deploy" / "postgres" / "dialogue-role.sql"
pytestmark = [pytest.mark.postgres, pytest.mark.rasa]


@pytest.fixture
def as_dialogue(postgres_settings: Settings) -> Iterator[str]:
    """The database's address for that role."""
    _make_role(postgres_settings.database_url)
    yield postgres_settings.database_url.replace("//navi@", "//navi_dialogue@")
    _forget_role(postgres_settings.database_url)


def _forget_role(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("DROP OWNED BY navi_dialogue")
        owner.execute("DROP ROLE navi_dialogue")


def _make_role(url: str) -> None:
    folder = postgres._programs() or Path()
    program = shutil.which("psql", path=str(folder)) or shutil.which("psql")
    if program is None:
        pytest.skip("PostgreSQL's program psql is missing (Debian: postgresql-client)")
    command = [program, url, "--no-psqlrc", "--quiet", "--set=password=secret", f"--file={SCRIPT}"]
    for _ in range(2):  # again: nothing changes
        subprocess.run(command, check=True, capture_output=True)


def test_the_memory_works_and_nothing_else_is_seen(
    postgres_settings: Settings, as_dialogue: str
) -> None:
    assert "OK" in run("test_store", NAVI_TEST_POSTGRES=as_dialogue)
    with psycopg.connect(postgres_settings.database_url) as owner:
        found = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = {str(name) for (name,) in found}
    assert {"dialogue_memory", "conversation", "member", "staff"} <= tables
    for table in sorted(tables - {"dialogue_memory", "dialogue_turn", "events"}):
        with (
            psycopg.connect(as_dialogue) as dialogue,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            dialogue.execute(f"SELECT * FROM {table}")


def test_a_backup_comes_back_where_there_is_no_such_role(
    postgres_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new server: restored as the owner; then the file makes the role and gives it its tables."""
    url = postgres_settings.database_url
    monkeypatch.setenv("PATH", str(postgres._programs()), prepend=os.pathsep)
    _make_role(url)
    with psycopg.connect(url.replace("//navi@", "//navi_dialogue@"), autocommit=True) as dialogue:
        dialogue.execute("CREATE TABLE dialogue_memory (sender_id text)")
        dialogue.execute("INSERT INTO dialogue_memory VALUES ('kept')")
    backup = back_up(postgres_settings, tmp_path / "backups", NOW)
    _forget_role(url)
    name = f"{make_url(url).database}_again"
    again = url.replace(f"/{make_url(url).database}?", f"/{name}?")
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name}")
    restore(postgres_settings.model_copy(update={"database_url": again}), backup)
    _make_role(again)
    with psycopg.connect(again.replace("//navi@", "//navi_dialogue@")) as dialogue:
        assert dialogue.execute("SELECT * FROM dialogue_memory").fetchall() == [("kept",)]
    _forget_role(again)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"DROP DATABASE {name} WITH (FORCE)")
