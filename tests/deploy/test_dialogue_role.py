"""The dialogue servers' role in PostgreSQL: their own tables, nothing of the apps'."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from bot.settings import PROJECT_ROOT, Settings
from tests import postgres
from tests.dialogue.test_inside import run

SCRIPT = PROJECT_ROOT / "deploy" / "postgres" / "dialogue-role.sql"
pytestmark = [pytest.mark.postgres, pytest.mark.rasa]


@pytest.fixture
def as_dialogue(postgres_settings: Settings) -> Iterator[str]:
    """The database's address for that role."""
    _make_role(postgres_settings.database_url)
    yield postgres_settings.database_url.replace("//navi@", "//navi_dialogue@")
    with psycopg.connect(postgres_settings.database_url, autocommit=True) as owner:
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
