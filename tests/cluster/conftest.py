"""A throw-away Redis: own port, own folder, nothing kept."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ports import own_port

_START_SECONDS = 60


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running Redis."""
    program = shutil.which("redis-server")
    if program is None:
        sentence = "the program redis-server is missing (Debian: redis-server)"
        if os.environ.get("CI"):
            pytest.fail(sentence)
        pytest.skip(sentence)
    folder = tmp_path_factory.mktemp("redis")
    with own_port() as port, running_redis(program, folder, port):
        yield f"redis://127.0.0.1:{port}/0"


class running_redis:
    """A server on `port` until the block is left."""

    def __init__(self, program: str, folder: Path, port: int) -> None:
        self._port = port
        self._command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        self._folder = folder

    def __enter__(self) -> int:
        self._process = subprocess.Popen(
            self._command, cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self._port), 1).close()
                return self._port
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("redis-server did not start")

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
