"""Backup and restore, drilled: `.venv/bin/python -m bench.drill_backup [--postgres]`.

Members stand in the middle of a check; while others write, `navi backup` copies everything; then
all processes are killed and their state is deleted. After `navi restore` every conversation must
be whole and go on at the question where it stood.
"""

import argparse
import asyncio
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import aiohttp

from bench.processes import Process, end_orderly, free_port
from bench.products import environment
from bench.report import progress
from bench.script import MIXED, TEXT
from bench.targets import Ours, OursTalk
from bot.serving.model import model_path, train
from bot.settings import PROJECT_ROOT
from tests.postgres import Cluster, _programs

_READY_WITHIN_S = 240.0
_MEMBERS = 10
_STEPS_BEFORE = 4  # then the check asks whether the acceptance mail has come


class Drill:
    """One product over `folder`; `more` are settings of its database."""

    def __init__(self, folder: Path, name: str, **more: str) -> None:
        self.var = folder / name
        (self.var / "models").mkdir(parents=True)
        model = model_path(PROJECT_ROOT / "var")
        (self.var / "models" / model.name).symlink_to(model.resolve())
        self._settings = environment(self.var, **more)
        self._port = free_port()
        self._process: Process | None = None

    @property
    def url(self) -> str:
        """Where members reach it."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Until members are answered."""
        command = [sys.executable, "-m", "bot.cli", "serve", "--port", self._port]
        log = self.var / "serve.log"
        self._process = Process.start(command, log, self._settings, PROJECT_ROOT)
        self._process.wait_for(f"{self.url}/readyz", _READY_WITHIN_S)

    def stop(self) -> None:
        """Gone, whatever state it is in."""
        if self._process is not None:
            self._process.stop()

    def navi(self, *words: str) -> str:
        """Run a command on its state."""
        command = [sys.executable, "-m", "bot.cli", *words]
        done = subprocess.run(
            command,
            cwd=PROJECT_ROOT,
            env=self._settings,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()


async def _before(drill: Drill, backups: Path) -> tuple[list[OursTalk], Path]:
    """Conversations in mid-check, and a backup that was made while others wrote."""
    async with aiohttp.ClientSession() as http:
        target, stop = Ours(drill.url, http), asyncio.Event()
        talks = [await target.begin(None) for _ in range(_MEMBERS)]
        for talk in talks:
            for step in MIXED.steps[:_STEPS_BEFORE]:
                await talk.turn(step)

        async def write() -> None:
            while not stop.is_set():
                talk = await target.begin(None)
                for step in TEXT.steps:
                    await talk.turn(step)

        writers = [asyncio.create_task(write()) for _ in range(2)]
        started = time.monotonic()
        backup = Path(await asyncio.to_thread(drill.navi, "backup", str(backups)))
        progress(f"backup while members write: {time.monotonic() - started:.1f} s")
        stop.set()
        await asyncio.gather(*writers)
    return talks, backup


async def _after(drill: Drill, talks: list[OursTalk]) -> None:
    async with aiohttp.ClientSession() as http:
        for talk in talks:
            talk.http, talk.path = http, drill.url + talk.path[talk.path.index("/api/") :]
            await talk.verify()
            for step in MIXED.steps[_STEPS_BEFORE:]:
                await talk.turn(step)
            await talk.verify()


def main() -> int:
    """Run the drill; raises where anything is not as it was."""
    parser = argparse.ArgumentParser(prog="bench.drill_backup", description=__doc__)
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL")
    given = parser.parse_args()
    end_orderly()
    folder = PROJECT_ROOT / "var" / "bench" / "drill"
    shutil.rmtree(folder, ignore_errors=True)
    if not model_path(PROJECT_ROOT / "var").exists():
        train(PROJECT_ROOT / "var")
    with ExitStack() as stack:
        first, second = _databases(stack) if given.postgres else ({}, {})
        drill = Drill(folder, "first", **first)
        stack.callback(drill.stop)
        drill.start()
        talks, backup = asyncio.run(_before(drill, folder / "backups"))
        drill.stop()
        shutil.rmtree(drill.var)
        progress("everything is gone; restoring")
        again = Drill(folder, "second", **second)
        stack.callback(again.stop)
        started = time.monotonic()
        progress(again.navi("restore", str(backup)))
        progress(f"restore: {time.monotonic() - started:.1f} s")
        again.start()
        asyncio.run(_after(again, talks))
    print(f"{len(talks)} conversations are whole and went on where they stood.")
    return 0


def _databases(stack: ExitStack) -> tuple[dict[str, str], dict[str, str]]:
    import os

    import psycopg

    programs = _programs()
    os.environ["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
    cluster = stack.enter_context(Cluster.start())
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        for name in ("first", "second"):
            connection.execute(f"CREATE DATABASE {name}")
    return (
        {"NAVI_DATABASE_URL": cluster.url("first")},
        {"NAVI_DATABASE_URL": cluster.url("second")},
    )


if __name__ == "__main__":
    sys.exit(main())
