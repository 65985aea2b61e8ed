"""PostgreSQL, Redis, apps, dialogue servers and a load balancer, all on loopback."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.processes import Process, free_port
from bench.products import environment
from bot.serving.model import model_path, train
from bot.settings import PROJECT_ROOT
from tests.postgres import Cluster
from tests.product.former import write_former_model

_READY_WITHIN_S = 240.0
_NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log error;
worker_processes 1;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream apps {{ {apps} keepalive 64; keepalive_timeout 4s; }}
    upstream actions {{ {actions} keepalive 64; keepalive_timeout 30s; }}
    server {{ listen 127.0.0.1:{port}; include {routes}; }}
    server {{
        listen 127.0.0.1:{inner};
        location = /actions {{
            proxy_pass http://actions;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_connect_timeout 2s;
            proxy_read_timeout 2s;
            proxy_next_upstream error timeout non_idempotent;
            proxy_next_upstream_tries 2;
        }}
    }}
}}
"""


@dataclass
class Part:
    """A program that may be killed and started again at the same place."""

    name: str
    command: list[object]
    environment: dict[str, str]
    folder: Path
    ready: str
    starts: int = 0
    process: Process | None = None

    def start(self) -> None:
        """Start it; `wait` says when it answers."""
        self.starts += 1
        log = self.folder / f"{self.name}-{self.starts}.log"
        self.process = Process.start(self.command, log, self.environment, PROJECT_ROOT)

    def wait(self) -> None:
        """Until it answers. Raises RuntimeError."""
        assert self.process is not None
        self.process.wait_for(self.ready, _READY_WITHIN_S)

    def stop(self) -> None:
        """As an operator does: SIGTERM, and what is under way ends."""
        assert self.process is not None
        self.process.stop()

    def kill(self) -> None:
        """SIGKILL to all its processes."""
        assert self.process is not None
        os.killpg(self.process.popen.pid, signal.SIGKILL)
        self.process.popen.wait()

    def kill_child(self, name: str) -> None:
        """SIGKILL to one of its processes; its own supervisor starts it again."""
        assert self.process is not None
        os.kill(self.process.family()[name], signal.SIGKILL)


@dataclass
class Machines:
    """Everything together; `base_url` is the load balancer's."""

    folder: Path
    postgres: Cluster
    base_url: str = ""
    former: Path | None = None
    apps: list[Part] = field(default_factory=list)
    dialogues: list[Part] = field(default_factory=list)
    others: list[Process] = field(default_factory=list)

    @classmethod
    def start(cls, folder: Path, count: int = 2, former: bool = False) -> "Machines":
        """Start all and wait until members would be answered.

        `former`: the dialogue servers begin with a model other than the present one.
        """
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if not model_path(PROJECT_ROOT / "var").exists():
            train(PROJECT_ROOT / "var")
        machines = cls(folder, Cluster.start())
        if former:
            machines.former = folder / "former.tar.gz"
            write_former_model(model_path(PROJECT_ROOT / "var"), machines.former)
        try:
            machines._start(count)
        except BaseException:
            machines.stop()
            raise
        return machines

    def parts(self) -> list[Part]:
        """Apps and dialogue servers."""
        return [*self.apps, *self.dialogues]

    def stop(self) -> None:
        """End all."""
        for part in self.parts():
            if part.process is not None and part.process.popen.poll() is None:
                part.process.stop()
        for process in self.others:
            process.stop()
        self.postgres.stop()

    def _start(self, count: int) -> None:
        redis, public, inner = free_port(), free_port(), free_port()
        self._program(["redis-server", "--port", redis, "--bind", "127.0.0.1", "--save", ""])
        ports = [(free_port(), free_port(), free_port()) for _ in range(count)]
        shared = {
            "NAVI_DATABASE_URL": self.postgres.url("postgres"),
            "NAVI_REDIS_URL": f"redis://127.0.0.1:{redis}/0",
            "NAVI_DIALOGUE_SECRET": "only-for-this-trial-of-several-machines",
        }
        dialogues = ",".join(f"http://127.0.0.1:{p[2]}" for p in ports)
        self.base_url = f"http://127.0.0.1:{public}"
        actions = f"http://127.0.0.1:{inner}"
        self._balance(public, inner, ports)
        migrate = [sys.executable, "-m", "bot.cli", "migrate"]
        subprocess.run(
            migrate, cwd=PROJECT_ROOT, env=environment(self.folder, **shared), check=True
        )
        for number, (app, private, dialogue) in enumerate(ports, 1):
            own = shared | {"NAVI_DIALOGUE_URL": dialogues, "NAVI_PRIVATE_PORT": str(private)}
            self.apps.append(self._part(f"app-{number}", ["serve", "--port", app], own, app))
            own = shared | {"NAVI_ACTIONS_URL": actions, "NAVI_DIALOGUE_PORT": str(dialogue)}
            self.dialogues.append(self._part(f"dialogue-{number}", ["dialogue"], own, dialogue))
        for part in self.parts():
            part.start()
        for part in [*self.dialogues, *self.apps]:
            part.wait()
        time.sleep(2.1)  # until the balancer asks again those who were not there yet

    def _part(self, name: str, words: list[object], settings: dict[str, str], port: int) -> Part:
        var = self.folder / name
        (var / "models").mkdir(parents=True)
        command = [sys.executable, "-m", "bot.cli", *words]
        ready = "/readyz" if name.startswith("app") else "/webhooks/navi/ready"
        where = f"http://127.0.0.1:{port}{ready}"
        part = Part(name, command, environment(var, **settings), self.folder, where)
        self.give_model(part, self.former)
        return part

    def give_model(self, part: Part, model: Path | None = None) -> None:
        """Put the present model, or another one, where the part looks for it."""
        present = model_path(PROJECT_ROOT / "var")
        place = self.folder / part.name / "models" / present.name
        place.unlink(missing_ok=True)
        place.symlink_to((model or present).resolve())

    def _balance(self, public: int, inner: int, ports: list[tuple[int, int, int]]) -> None:
        def servers(which: int) -> str:
            rule = "max_fails=1 fail_timeout=2s"
            return " ".join(f"server 127.0.0.1:{p[which]} {rule};" for p in ports)

        configuration = self.folder / "nginx.conf"
        configuration.write_text(
            _NGINX.format(
                folder=self.folder.resolve(),
                apps=servers(0),
                actions=servers(1),
                port=public,
                inner=inner,
                routes=PROJECT_ROOT / "deploy" / "nginx" / "routes.conf",
            )
        )
        self._program(["nginx", "-c", configuration.resolve(), "-p", self.folder.resolve()])

    def _program(self, command: list[object]) -> None:
        name = str(command[0])
        log = self.folder / f"{name}.log"
        self.others.append(Process.start(command, log, dict(os.environ), self.folder))
