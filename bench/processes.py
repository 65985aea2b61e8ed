"""Starting what is measured, and what its processes take of memory and processor."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_MIB = 1024.0
_NAMES = {
    "bot.serving.app_process": "app",
    "bot.cli": "supervisor",
    "bench.stock.action_server": "action server",
    "bench.floor": "floor",
    "rasa_components.serve": "dialogue",
    "credentials": "dialogue",
}


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def end_orderly() -> None:
    """From here on SIGTERM ends this program as an error does: what it has started is stopped."""

    def end(*_: object) -> None:
        # `timeout` sends it twice; the second one must not cut the stopping short.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sys.exit(1)

    signal.signal(signal.SIGTERM, end)


@dataclass
class Process:
    """One program of a target; `started` is a monotonic time."""

    popen: subprocess.Popen[bytes]
    started: float

    @classmethod
    def start(
        cls, command: Sequence[object], log: Path, environment: dict[str, str], folder: Path
    ) -> "Process":
        """Start it in a process group of its own; what it says goes to `log`."""
        with log.open("wb") as output:
            popen = subprocess.Popen(
                list(map(str, command)),
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return cls(popen, time.monotonic())

    def wait_for(self, url: str, within_s: float) -> float:
        """Seconds from the start until `url` answers 200. Raises RuntimeError."""
        while time.monotonic() - self.started < within_s:
            if self.popen.poll() is not None:
                raise RuntimeError(f"{self.popen.args!r} ended")
            try:
                with urllib.request.urlopen(url, timeout=2) as answer:
                    if answer.status == 200:
                        return time.monotonic() - self.started
            except (urllib.error.URLError, OSError):
                pass
            time.sleep(0.05)
        raise RuntimeError(f"{url} did not answer in {within_s:.0f} s")

    def stop(self) -> None:
        """SIGTERM, and SIGKILL for what is left of the group after ten seconds."""
        self.popen.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.popen.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()

    def family(self) -> dict[str, int]:
        """Its processes by name."""
        found: dict[str, int] = {}
        for pid in _with_children(self.popen.pid):
            name = _name(pid)
            found[f"{name} {len(found)}" if name in found else name] = pid
        return found


def _with_children(pid: int) -> Iterator[int]:
    yield pid
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in listed.read_text().split():
            yield from _with_children(int(child))


def _name(pid: int) -> str:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return "ended"
    return next((name for mark, name in _NAMES.items() if mark in command), "other")


def memory(pid: int) -> dict[str, float]:
    """Resident (RSS) and proportional (PSS) memory in MiB."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    sizes = dict(re.findall(r"^(Rss|Pss):\s+(\d+) kB", rollup, re.MULTILINE))
    return {name.lower(): round(int(kb) / _MIB, 1) for name, kb in sizes.items()}


def processor_s(pid: int) -> float:
    """Seconds of processor time that the process has taken so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def machine() -> dict[str, str | int | float]:
    """What the figures belong to."""
    information = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*:\s*(.+)$", information, re.MULTILINE)
    kb = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    return {
        "processor": model[1] if model else "unknown",
        "cores": os.cpu_count() or 0,
        "memory_gib": round(int(kb[1]) / _MIB / _MIB, 1) if kb else 0,
        "system": f"{os.uname().sysname} {os.uname().release.partition('-')[0]}",
        "python": sys.version.split()[0],
        "load_before": round(os.getloadavg()[0], 2),
    }
