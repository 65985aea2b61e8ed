"""Where a commit waits for the disk.

Handing a commit to a thread and hearing of its end costs the event loop more than a quick disk
takes; a slow disk would hold up everybody. So it is measured: while commits are quick they are
made in the loop, after a slow one in a thread, until a row of them was quick there.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

_QUICK_MS = 0.5
_SLOW_MS = 3.0
_ROW = 20


class Disk:
    """Waits for one commit at a time."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        """`clock` is in seconds. Nothing is known of the disk: it counts as slow."""
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "journal")
        self._quick = 0

    @property
    def is_quick(self) -> bool:
        """Whether the loop may wait for it."""
        return self._quick >= _ROW

    async def commit(self, commit: Callable[[], None]) -> None:
        """Run `commit`. Raises what it raises."""
        if self.is_quick:
            self._timed(commit)
        else:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._timed, commit)

    async def aside(self, work: Callable[[], None]) -> None:
        """Run what waits for something else than the disk, in the thread."""
        await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _timed(self, commit: Callable[[], None]) -> None:
        begun = self._clock()
        commit()
        ms = 1000 * (self._clock() - begun)
        # One that is neither changes nothing: a busy machine is no slow disk.
        if ms > _SLOW_MS:
            self._quick = 0
        elif ms < _QUICK_MS:
            self._quick = min(self._quick + 1, _ROW)
