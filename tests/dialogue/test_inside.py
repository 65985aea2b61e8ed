"""Runs the tests of `inside` in the dialogue's own environment, which has no pytest."""

import subprocess
from pathlib import Path

import pytest
from sqlalchemy import inspect

from bot.database import create_engine
from bot.serving.model import PYTHON, dialogue_environment
from bot.settings import PROJECT_ROOT, Settings
from tests.product.running import trained_model

MODULES = sorted(path.stem for path in Path(__file__).with_name("inside").glob("test_*.py"))
pytestmark = pytest.mark.rasa


def run(module: str, **settings: str) -> str:
    """The module's output. Fails where one of its tests does."""
    environment = {
        **dialogue_environment(PROJECT_ROOT / "var"),
        "NAVI_TEST_MODEL": str(trained_model()),
        **settings,
    }
    command = [str(PYTHON), "-m", "unittest", f"tests.dialogue.inside.{module}"]
    done = subprocess.run(
        command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-8000:]
    return done.stderr


@pytest.mark.parametrize("module", MODULES)
def test_in_the_dialogues_environment(module: str) -> None:
    said = run(module)
    assert "Ran 0 tests" not in said
    assert "OK" in said


@pytest.mark.postgres
def test_the_tracker_store_on_postgresql(postgres_settings: Settings) -> None:
    """The same tests as on SQLite, over what the app and the dialogue share in production."""
    said = run("test_store", NAVI_TEST_POSTGRES=postgres_settings.database_url)
    assert "Ran 0 tests" not in said
    assert "OK" in said
    engine = create_engine(postgres_settings.resolved_database_url())
    assert inspect(engine).has_table("dialogue_memory"), "it ran on another database"
    engine.dispose()
