"""The dialogue's lock store, in its own environment and on a real Redis."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bot.serving.model import RASA, dialogue_environment
from bot.settings import PROJECT_ROOT

pytestmark = pytest.mark.rasa

# Rasa is in that environment only.
_SCRIPT = """
import asyncio
import json
import sys

from rasa.utils.endpoints import EndpointConfig

from rasa_components.redis_lock import RedisLockStore


async def race(url: str) -> dict[str, object]:
    stores = [RedisLockStore(EndpointConfig(url=url)) for _ in range(3)]
    inside = most = entered = 0

    async def work(store: RedisLockStore) -> None:
        nonlocal inside, most, entered
        for _ in range(5):
            async with store.lock("one"):
                inside, entered = inside + 1, entered + 1
                most = max(most, inside)
                await asyncio.sleep(0.002)
                inside -= 1

    await asyncio.gather(*(work(store) for store in stores for _ in range(2)))
    return {"most": most, "entered": entered}


async def lost(url: str) -> dict[str, object]:
    try:
        async with RedisLockStore(EndpointConfig(url=url)).lock("one"):
            return {"error": None}
    except Exception as error:
        return {"error": type(error).__name__}


if __name__ == "__main__":
    work = {"race": race, "lost": lost}[sys.argv[2]]
    print(json.dumps(asyncio.run(work(sys.argv[1]))))
"""


def run(url: str, what: str, folder: Path) -> Any:
    python = RASA.with_name("python")
    if not python.exists():
        pytest.skip("the dialogue's environment (.venv-rasa) is missing: run `make setup`")
    done = subprocess.run(
        [python, "-c", _SCRIPT, url, what],
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
