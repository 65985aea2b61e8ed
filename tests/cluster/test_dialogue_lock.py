"""The dialogue's lock store, in its own environment and on a real Redis."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bot.serving.model import RASA, dialogue_environment
from bot.settings import PROJECT_ROOT

pytestmark = pytest.mark.rasa


def run(url: str, what: str, folder: Path) -> Any:
    python = RASA.with_name("python")
    if not python.exists():
        pytest.skip("the dialogue's environment (.venv-rasa) is missing: run `make setup`")
    script = Path(__file__).with_name("dialogue_lock.py")
    done = subprocess.run(
        [python, script, url, what],
        cwd=PROJECT_ROOT,
        env=dialogue_environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_one_turn_at_a_time(redis_url: str, tmp_path: Path) -> None:
    assert run(redis_url, "race", tmp_path) == {"most": 1, "entered": 30}


def test_without_redis_the_turn_fails(tmp_path: Path) -> None:
    assert run("redis://127.0.0.1:1/0", "lost", tmp_path) == {"error": "LockError"}
