"""`navi serve` as a process of its own, and commands against the same state."""

import fcntl
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bot.serving.model import model_path, train
from bot.settings import PROJECT_ROOT
from tests.ports import held_port, port_of

_READY = re.compile(r"Ready[^:]*: (http://[0-9.]+:[0-9]+)/")
# On busy cores both processes take a while.
_READY_WITHIN_S = 240.0
_STOPPED_WITHIN_S = 90.0
# One process for many commands: Python's start would cost more than the command itself.
_MANY = """
import contextlib, io, json, sys
from bot import cli
for line in sys.stdin:
    sys.argv = ["navi", *json.loads(line)]
    said, code = io.StringIO(), 0
    with contextlib.redirect_stdout(said):
        try:
            cli.main()
        except SystemExit as ended:
            code = ended.code or 0
    print(json.dumps([code, said.getvalue()]), flush=True)
"""


def trained_model() -> Path:
    """The model of the present data; trained (about a minute) where there is none.

    Of several processes that ask, one trains and the others wait for it.
    """
    var = PROJECT_ROOT / "var"
    var.mkdir(exist_ok=True)
    with (var / "training.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        path = model_path(var)
        return path if path.exists() else train(var)[0]


def environment(var: Path, **settings: str) -> dict[str, str]:
    """The environment of a demo product over `var`; nothing of the developer's own `NAVI_*`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NAVI_")}
    return {**kept, "NAVI_ENV": "demo", "NAVI_VAR": str(var), **settings}


def children(pid: int) -> dict[str, int]:
    """The supervisor's processes by name (`app`, `dialogue`)."""
    found: dict[str, int] = {}
    tasks = Path(f"/proc/{pid}/task")
    for listed in tasks.glob("*/children"):
        for child in map(int, listed.read_text().split()):
            command = _command(child)
            if "bot.serving.app_process" in command:
                found["app"] = child
            elif "rasa_components.serve" in command:
                found["dialogue"] = child
    return found


def _command(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return []


def is_alive(pid: int) -> bool:
    """Whether the process runs (one that has ended and is not waited for does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


@dataclass
class Product:
    """A product over the state in `var`; `settings` are `NAVI_*` variables of its own."""

    var: Path
    settings: dict[str, str] = field(default_factory=dict)
    base_url: str = ""
    _process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The supervisor."""
        assert self._process is not None
        return self._process.pid

    def pids(self) -> dict[str, int]:
        """The supervised processes by name, as they run now."""
        return children(self.pid)

    def start(self, port: int = 0) -> None:
        """Run `navi serve` until it says that it is ready; `port` is one that it had before."""
        if not port:
            held = held_port()
            port = port_of(held)
            held.detach()  # until the tests end: it stays the product's while it is stopped
        log = self.var / "serve.log"
        with log.open("wb") as output, (self.var / "serve.err").open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot.cli", "serve", "--port", str(port)],
                cwd=PROJECT_ROOT,
                env=environment(self.var, **self.settings),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
            )
        until = time.monotonic() + _READY_WITHIN_S
        while not (said := _READY.search(log.read_text())):
            assert self._process.poll() is None, self.said()
            assert time.monotonic() < until, f"not ready in time: {self.said()}"
            time.sleep(0.1)
        self.base_url = said[1]

    def stop(self) -> None:
        """SIGTERM; the stop must be clean and leave no process behind."""
        assert self._process is not None
        family = self.pids()
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(_STOPPED_WITHIN_S)
        assert code == 0, self.said()
        assert "Stopped." in (self.var / "serve.log").read_text(), self.said()
        left = {name: pid for name, pid in family.items() if is_alive(pid)}
        assert not left, f"left behind: {left}"

    def end(self) -> None:
        """Whatever state it is in: gone afterwards (for a test that failed)."""
        if self._process is None or self._process.poll() is not None:
            return
        family = self.pids()
        self._process.kill()
        self._process.wait()
        for pid in family.values():
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)

    def killed(self) -> int:
        """Wait for a supervisor that was killed; gives its exit code."""
        assert self._process is not None
        return self._process.wait(_STOPPED_WITHIN_S)

    def wait_ready(self, within_s: float = _READY_WITHIN_S) -> None:
        """Wait until members would be answered."""
        until = time.monotonic() + within_s
        with httpx.Client(
            base_url=self.base_url, timeout=20, trust_env=False, verify=False
        ) as probe:
            while time.monotonic() < until:
                try:
                    if probe.get("/readyz").status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                time.sleep(0.1)
        raise AssertionError(f"not ready again: {self.said()}")

    def dialogue_events(self, conversation: str = "") -> list[tuple[str, dict[str, Any]]]:
        """Every event that the dialogue has kept, with its own id of the conversation.

        With `conversation`: its events only. The dialogue's id begins with it.
        """
        kept = "SELECT sender_id, data FROM dialogue_turn WHERE substr(sender_id, 1, ?) = ?"
        with closing(sqlite3.connect(self.var / "dialogue.db", timeout=10)) as database:
            rows = database.execute(kept, (len(conversation), conversation)).fetchall()
        return [(sender, event) for sender, data in rows for event in json.loads(data)]

    def heard(self) -> Counter[str]:
        """How often the dialogue has heard each turn, by the turn's id."""
        said = [event for _, event in self.dialogue_events() if event["event"] == "user"]
        return Counter(str(event["message_id"]) for event in said)

    def said(self) -> str:
        """The end of everything that it wrote."""
        files = [self.var / "serve.log", self.var / "serve.err", *self.var.glob("log/*.log")]
        return "\n".join(f"{f.name}: {f.read_text()[-2000:]}" for f in files if f.exists())

    def navi(self, *arguments: object) -> str:
        """Run one command over the same state; gives what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "bot.cli", *map(str, arguments)],
            cwd=PROJECT_ROOT,
            env=environment(self.var, **self.settings),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def navi_many(self, commands: Iterable[Sequence[object]]) -> list[str]:
        """Run many commands over the same state; gives what each printed."""
        lines = [json.dumps([str(part) for part in command]) for command in commands]
        done = subprocess.run(
            [sys.executable, "-c", _MANY],
            cwd=PROJECT_ROOT,
            env=environment(self.var, **self.settings),
            input="".join(line + "\n" for line in lines),
            capture_output=True,
            text=True,
            check=True,
        )
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(answers) == len(lines), done.stderr
        wrong = [line for line, (code, _) in zip(lines, answers, strict=True) if code]
        assert not wrong, f"{wrong[:5]}: {done.stderr[-2000:]}"
        return [said for _, said in answers]

    def navi_json(self, commands: Iterable[Sequence[object]]) -> list[Any]:
        """The same with `--json`; gives the parsed answers."""
        return [json.loads(said) for said in self.navi_many([*c, "--json"] for c in commands)]


def new_product(folder: Path, **settings: str) -> Product:
    """A product that is not started yet: its own state, the project's trained model."""
    model = trained_model()
    (folder / "models").mkdir(parents=True)
    (folder / "models" / model.name).symlink_to(model)
    return Product(folder, settings)
