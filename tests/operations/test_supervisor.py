"""Programs end in the reverse order; the product's ports stay its own."""

import asyncio
import os
import socket
import sys
from pathlib import Path

from bot.serving.run import _bind
from bot.serving.supervisor import Program, Supervisor

_NOTES_ITS_END = """
import pathlib, signal, sys, time
name, notes, pause = sys.argv[1], pathlib.Path(sys.argv[2]), float(sys.argv[3])
def end(*_):
    time.sleep(pause)
    with notes.open("a") as file:
        file.write(name + " ")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
(notes.parent / name).touch()
while True:
    time.sleep(0.05)
"""


def program(name: str, notes: Path, pause: float) -> Program:
    command = [sys.executable, "-c", _NOTES_ITS_END, name, str(notes), str(pause)]
    return Program(name, command, dict(os.environ))


async def test_what_is_needed_ends_last(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    supervisor = Supervisor([program("dialogue", notes, 0.0), program("app", notes, 0.5)])
    running = asyncio.ensure_future(supervisor.run())
    while not all((tmp_path / name).exists() for name in ("dialogue", "app")):
        await asyncio.sleep(0.02)
    supervisor.stop()
    await asyncio.wait_for(running, 60)
    assert notes.read_text() == "app dialogue "


async def test_a_program_that_is_away_is_not_waited_for(tmp_path: Path) -> None:
    broken = Program("app", [sys.executable, "-c", "raise SystemExit(1)"], dict(os.environ))
    notes = tmp_path / "notes"
    supervisor = Supervisor([program("dialogue", notes, 0.0), broken])
    running = asyncio.ensure_future(supervisor.run())
    while not (tmp_path / "dialogue").exists():
        await asyncio.sleep(0.02)
    supervisor.stop()
    await asyncio.wait_for(running, 60)
    assert notes.read_text() == "dialogue "


def test_a_port_stays_the_same_after_a_stop_of_the_app() -> None:
    with _bind("127.0.0.1", 0, "NAVI_PRIVATE_PORT") as listener:
        port = listener.getsockname()[1]
        listener.listen()
        listener.shutdown(socket.SHUT_RDWR)  # what an app that ends does with it
        listener.listen()
        assert listener.getsockname()[1] == port
