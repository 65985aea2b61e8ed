"""Members at work: so many at a time, for so many seconds, every answer checked."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import aiohttp

from bench.script import GROWTH, Script
from bench.targets import Talk, Target, WrongAnswer

_WARM_S = 0.5
_VERIFIED_AT_ONCE = 8
_WRONG_SHOWN = 5


@dataclass
class Load:
    """Times of turns in ms by kind, and how many ended in the `seconds` that count."""

    times: dict[str, list[float]] = field(default_factory=dict)
    finished: int = 0
    seconds: float = 0.0
    turns: int = 0
    wrong: list[str] = field(default_factory=list)
    verified: int = 0

    @property
    def all_times(self) -> list[float]:
        """Of all kinds."""
        return [ms for times in self.times.values() for ms in times]


def merged(loads: Sequence[Load]) -> Load:
    """Several runs of the same load as one."""
    total = Load()
    for load in loads:
        for kind, times in load.times.items():
            total.times.setdefault(kind, []).extend(times)
        total.finished += load.finished
        total.seconds += load.seconds
        total.turns += load.turns
        total.wrong += load.wrong
        total.verified += load.verified
    return total


async def run(target: Target, script: Script, members: int, seconds: float) -> Load:
    """Let `members` go through the script again and again; then look at all conversations."""
    load, talks = Load(seconds=seconds), list[Talk]()
    begun = time.perf_counter() + min(_WARM_S, seconds / 4)
    until = begun + seconds

    async def member() -> None:
        while time.perf_counter() < until:
            try:
                talk = await target.begin(script.number)
                talks.append(talk)
                for step in script.steps:
                    started = time.perf_counter()
                    if started >= until:
                        return
                    await talk.turn(step)
                    ended = time.perf_counter()
                    load.turns += 1
                    if started >= begun:
                        load.times.setdefault(step.kind, []).append(1000 * (ended - started))
                    load.finished += begun <= ended < until
            except (WrongAnswer, aiohttp.ClientError, TimeoutError) as error:
                load.wrong.append(f"{type(error).__name__}: {error}"[:300])

    await asyncio.gather(*(member() for _ in range(members)))
    await _verify(talks, load)
    return load


async def _verify(talks: Sequence[Talk], load: Load) -> None:
    for first in range(0, len(talks), _VERIFIED_AT_ONCE):
        some = talks[first : first + _VERIFIED_AT_ONCE]
        for error in await asyncio.gather(*(t.verify() for t in some), return_exceptions=True):
            if error is not None:
                load.wrong.append(f"{type(error).__name__}: {error}"[:300])
            load.verified += error is None


async def grow(target: Target, turns: int) -> list[float]:
    """Times in ms of one conversation's turns, one after another."""
    talk, times = await target.begin(None), list[float]()
    for turn in range(turns):
        started = time.perf_counter()
        await talk.turn(GROWTH[turn % len(GROWTH)])
        times.append(1000 * (time.perf_counter() - started))
    await talk.verify()
    return times


def around(conversations: Sequence[Sequence[float]], turn: int) -> float | None:
    """Median cost in ms about this turn (from 1): whole rounds of sentences, all conversations.

    Each sentence costs something else, so a window holds every one of them equally often.
    """
    width = len(GROWTH)
    found = [ms for times in conversations for ms in times[max(0, turn - 1) : turn - 1 + width]]
    return statistics.median(found) if len(found) >= width * len(conversations) else None


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def shown(wrong: Sequence[str]) -> list[str]:
    """The first few different ones."""
    return list(dict.fromkeys(wrong))[:_WRONG_SHOWN]
