"""Starts the processes, keeps them running, stops them cleanly (docs/adr/0004).

The app's sockets belong to the supervisor: while a process that broke is started again, requests
wait in the socket's queue instead of being refused.
"""

import asyncio
import contextlib
import ctypes
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

_LOG = structlog.get_logger()
_GRACE_S = 10.0
# A process that ran this long is started again at once; the pauses are for one that cannot start.
_STABLE_S = 5.0
_LONGEST_PAUSE_S = 8.0
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Program:
    """One process: its name in logs, command, environment, and sockets that it inherits."""

    name: str
    command: Sequence[str]
    environment: dict[str, str] = field(repr=False)
    sockets: tuple[int, ...] = ()
    log: Path | None = None


class Supervisor:
    """Runs programs until told to stop; each needs only those before it."""

    def __init__(self, programs: Sequence[Program]) -> None:
        self._programs = programs
        self._stopping = asyncio.Event()
        self._gone: dict[str, asyncio.Event] = {}
        self.pids: dict[str, int] = {}

    def stop(self) -> None:
        """Ask all programs to end; `run` returns when they have."""
        self._stopping.set()

    async def run(self) -> None:
        """Keep every program running until `stop`."""
        self._gone = {program.name: asyncio.Event() for program in self._programs}
        await asyncio.gather(*(self._kept(program) for program in self._programs))

    async def _kept(self, program: Program) -> None:
        try:
            await self._keep(program)
        finally:
            self._gone[program.name].set()

    async def _keep(self, program: Program) -> None:
        pause = 0.0
        while not self._stopping.is_set():
            started = time.monotonic()
            code = await self._once(program)
            if self._stopping.is_set():
                return
            pause = (
                0.0
                if time.monotonic() - started > _STABLE_S
                else min(max(2 * pause, 0.2), _LONGEST_PAUSE_S)
            )
            _LOG.error("process ended, starting it again", process=program.name, code=code)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)

    async def _once(self, program: Program) -> int:
        with contextlib.ExitStack() as stack:
            output = None
            if program.log is not None:
                program.log.parent.mkdir(parents=True, exist_ok=True)
                output = stack.enter_context(program.log.open("ab"))
            process = await asyncio.create_subprocess_exec(
                *program.command,
                env=program.environment,
                pass_fds=program.sockets,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=_end_with_parent,
            )
        self.pids[program.name] = process.pid
        ended = asyncio.ensure_future(process.wait())
        stopping = asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not ended.done():
            await self._after_those_behind(program)
            await _end(process, ended)
        return await ended

    async def _after_those_behind(self, program: Program) -> None:
        """Programs end in the reverse order: an app's last turns still need their dialogue."""
        behind = self._programs[self._programs.index(program) + 1 :]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_S + 1):
                for other in behind:
                    await self._gone[other.name].wait()


async def _end(process: asyncio.subprocess.Process, ended: asyncio.Future[int]) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    await asyncio.wait({ended}, timeout=_GRACE_S)
    if not ended.done():
        with contextlib.suppress(ProcessLookupError):
            process.kill()


def _end_with_parent() -> None:
    """A supervisor that is killed takes its processes with it (Linux; elsewhere they stay)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
