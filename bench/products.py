"""The three targets as running processes, each with a new state of its own."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bench.processes import Process, free_port
from bench.stock import train as stock
from bench.targets import Floor, Ours, Stock, Target
from bot.serving.model import RASA, dialogue_environment, model_path, train
from bot.settings import PROJECT_ROOT

_READY_WITHIN_S = 240.0
_UNLIMITED = {"NAVI_REQUESTS_PER_MINUTE": "100000000", "NAVI_CONVERSATIONS_PER_MINUTE": "100000000"}


@dataclass
class Product:
    """A running target: `ready_s` from the start of its slowest process until it answers."""

    name: str
    processes: list[Process]
    ready_s: float
    connect: Callable[[aiohttp.ClientSession], Target]
    training_s: float | None = None
    notes: dict[str, str] = field(default_factory=dict)

    def family(self) -> dict[str, int]:
        """All its processes by name."""
        return {name: pid for process in self.processes for name, pid in process.family().items()}

    def stop(self) -> None:
        """End all."""
        for process in self.processes:
            process.stop()


def _state(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def environment(var: Path, **more: str) -> dict[str, str]:
    """A demo product over `var` without limits; nothing of the developer's own `NAVI_*`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NAVI_")}
    kept |= {"PYTHONPATH": str(PROJECT_ROOT), "NAVI_ENV": "demo", "NAVI_VAR": str(var)}
    return kept | _UNLIMITED | more


def start_ours(folder: Path, training: bool) -> Product:
    """`navi serve` with the embedded defaults; trained anew where the training is measured."""
    model, training_s = model_path(PROJECT_ROOT / "var"), None
    if training or not model.exists():
        model, training_s = train(PROJECT_ROOT / "var")
    var, port = _state(folder / "ours"), free_port()
    (var / "models").mkdir()
    (var / "models" / model.name).symlink_to(model.resolve())
    # Once for the new database; a start that migrates is not an ordinary one.
    command = [sys.executable, "-m", "bot.cli", "serve", "--port", port]
    url = f"http://127.0.0.1:{port}"
    first = Process.start(command, var / "first.log", environment(var), PROJECT_ROOT)
    try:
        first.wait_for(f"{url}/readyz", _READY_WITHIN_S)
    finally:
        first.stop()
    process = Process.start(command, var / "serve.log", environment(var), PROJECT_ROOT)
    try:
        ready_s = process.wait_for(f"{url}/readyz", _READY_WITHIN_S)
    except BaseException:
        process.stop()
        raise
    return Product("ours", [process], ready_s, lambda http: Ours(url, http), training_s)


def start_stock(folder: Path, _training: bool) -> Product:
    """`rasa run` with the REST channel, and the action server beside it."""
    model, training_s = stock.model(PROJECT_ROOT / "var" / "bench")
    var, port, actions = _state(folder / "stock"), free_port(), free_port()
    command = [sys.executable, "-m", "bench.stock.action_server", actions]
    server = Process.start(command, var / "actions.log", environment(var), PROJECT_ROOT)
    here = Path(stock.__file__).parent
    settings = {k: v for k, v in dialogue_environment(var).items() if "THREADS" not in k} | {
        "BENCH_ACTIONS_URL": f"http://127.0.0.1:{actions}/webhook",
        "BENCH_TRACKER_FILE": str(var / "tracker.db"),
    }
    run = [RASA, "run", "-m", model, "-i", "127.0.0.1", "-p", port]
    run += ["--endpoints", here / "endpoints.yml", "--credentials", here / "credentials.yml"]
    rasa = Process.start(run, var / "rasa.log", settings, PROJECT_ROOT)
    url = f"http://127.0.0.1:{port}"
    try:
        server.wait_for(f"http://127.0.0.1:{actions}/health", _READY_WITHIN_S)
        ready_s = rasa.wait_for(f"{url}/webhooks/rest/", _READY_WITHIN_S)
    except BaseException:
        server.stop()
        rasa.stop()
        raise
    return Product("stock", [rasa, server], ready_s, lambda http: Stock(url, http), training_s)


def start_floor(folder: Path, _training: bool) -> Product:
    """The bare route."""
    var, port = _state(folder / "floor"), free_port()
    command = [sys.executable, "-m", "bench.floor", var / "floor.db", port]
    process = Process.start(command, var / "floor.log", environment(var), PROJECT_ROOT)
    url = f"http://127.0.0.1:{port}"
    ready_s = process.wait_for(f"{url}/ready", _READY_WITHIN_S)
    return Product("floor", [process], ready_s, lambda http: Floor(url, http))


STARTS = {"ours": start_ours, "stock": start_stock, "floor": start_floor}
