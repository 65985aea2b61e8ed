"""A throw-away PostgreSQL cluster for the tests: own user, own folder, no network."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Pool, QueuePool

_BACK_WITHIN_S = 10.0
_USERS = ("postgres", "nobody")
_START_SECONDS = 60


def missing() -> str | None:
    """A sentence that names what is missing for a cluster; None where nothing is."""
    if _programs() is None:
        return "PostgreSQL's programs initdb and postgres are missing (Debian: postgresql)"
    if os.geteuid() == 0 and _user() is None:
        return "PostgreSQL refuses root, and there is no user postgres or nobody to run it as"
    return None


def close(pool: Pool) -> None:
    """Close its connections, when the threads that still use one have given it back.

    One that comes back later is closed by nobody: it warns when the garbage is collected, which
    is an error of whatever test runs then.
    """
    until = time.monotonic() + _BACK_WITHIN_S
    while isinstance(pool, QueuePool) and pool.checkedout() and time.monotonic() < until:
        time.sleep(0.01)
    pool.dispose()


def _programs() -> Path | None:
    """The folder with initdb and postgres of the newest version, else from PATH."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: [int(n) for n in folder.parent.name.split(".") if n.isdigit()],
        reverse=True,
    )
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    return next((f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()), None)


def _user() -> str | None:
    """Who runs the cluster: nobody special for an ordinary user, else one that is not root."""
    for name in _USERS:
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    return None


@dataclass
class Cluster:
    """A running cluster, reached over a socket in its folder; use it as a context manager."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @classmethod
    def start(cls) -> Self:
        """Make and start a cluster. Raises RuntimeError with the server's log."""
        cluster = cls(Path(tempfile.mkdtemp(prefix="navi-pg-")))
        try:
            cluster._init()
            cluster._serve()
        except BaseException:
            cluster.stop()
            raise
        return cluster

    @cached_property
    def _run_as(self) -> dict[str, str | int | list[int]]:
        if os.geteuid() != 0:
            return {}
        entry = pwd.getpwnam(_user() or "nobody")
        os.chown(self.folder, entry.pw_uid, entry.pw_gid)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def url(self, database: str) -> str:
        """The address of one of its databases, as NAVI_DATABASE_URL takes it."""
        return f"postgresql://navi@/{database}?host={self.folder}"

    def stop(self) -> None:
        """Stop at once and remove everything."""
        if self.process is not None:
            self.process.kill() if self.process.poll() is None else None
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _init(self) -> None:
        options = ["--auth=trust", "--username=navi", "--encoding=UTF8", "--locale=C", "--no-sync"]
        done = subprocess.run(
            [str(self._program("initdb")), *options, "-D", str(self.folder / "data")],
            cwd=self.folder,
            capture_output=True,
            check=False,
            **self._run_as,  # type: ignore[call-overload]
        )
        if done.returncode:
            raise RuntimeError(done.stderr.decode(errors="replace"))

    def _serve(self) -> None:
        speed = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
        settings = ("listen_addresses=", f"unix_socket_directories={self.folder}", *speed)
        command = [str(self._program("postgres")), "-D", str(self.folder / "data")]
        log = self.folder / "log"
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command + [part for setting in settings for part in ("-c", setting)],
                cwd=self.folder,
                stdout=output,
                stderr=output,
                **self._run_as,  # type: ignore[call-overload]
            )
        self._wait(log)

    def _wait(self, log: Path) -> None:
        import psycopg

        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self.process and self.process.poll() is None:
            try:
                psycopg.connect(self.url("postgres")).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(log.read_text(errors="replace"))

    def _program(self, name: str) -> Path:
        folder = _programs()
        if folder is None:
            raise RuntimeError(missing() or "")
        return folder / name
