"""The loads, round by round: every target has each load, then the next load comes."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bench import load
from bench.processes import memory, processor_s
from bench.products import Product
from bench.script import BUTTON, SCRIPTS
from bench.targets import Target

_SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


@dataclass(frozen=True)
class Plan:
    """How much is measured. Times in seconds; `growth` are the turns that are looked at."""

    seconds: float = 10.0
    rounds: int = 3
    members: tuple[int, ...] = (1, 8, 32)
    scripts: tuple[str, ...] = tuple(SCRIPTS)
    growth: tuple[int, ...] = (2, 50, 200, 1000)
    conversations: int = 5
    training: bool = True

    @classmethod
    def of(cls, given: argparse.Namespace) -> "Plan":
        """From the command line."""
        plain = cls()
        quick = given.quick
        return cls(
            seconds=given.seconds or (3.0 if quick else plain.seconds),
            rounds=given.rounds or (1 if quick else plain.rounds),
            members=tuple(int(n) for n in given.members.split(",")),
            scripts=tuple(filter(None, given.scripts.split(","))) or plain.scripts,
            growth=() if given.no_growth else ((2, 50, 200) if quick else plain.growth),
            conversations=3 if quick else plain.conversations,
            training=not (quick or given.no_training),
        )

    def described(self) -> dict[str, Any]:
        """For the JSON."""
        return asdict(self)


@dataclass
class _Cell:
    runs: list[load.Load] = field(default_factory=list)
    processor_s: float = 0.0


async def measure(
    targets: Mapping[str, Target],
    products: Mapping[str, Product],
    plan: Plan,
    progress: Callable[[str], None],
) -> dict[str, Any]:
    """All loads, then the memory."""
    cells: dict[tuple[str, str, int], _Cell] = {}
    for number in range(plan.rounds):
        for script in plan.scripts:
            for members in plan.members:
                for name, target in targets.items():
                    if name == "floor" and script != BUTTON.name:
                        continue  # a commit is a commit
                    progress(f"round {number + 1}: {script}, {members} members, {name}")
                    cell = cells.setdefault((name, script, members), _Cell())
                    before = _processor(products[name])
                    cell.runs.append(await load.run(target, SCRIPTS[script], members, plan.seconds))
                    cell.processor_s += _processor(products[name]) - before
    rows = [_row(*key, cell) for key, cell in cells.items()]
    return {"loads": rows, "targets": {n: _about(p) for n, p in products.items()}}


def _processor(product: Product) -> float:
    return sum(processor_s(pid) for pid in product.family().values())


def _about(product: Product) -> dict[str, Any]:
    sizes = {name: memory(pid) for name, pid in product.family().items()}
    return {
        "ready_s": round(product.ready_s, 1),
        "training_s": product.training_s and round(product.training_s, 1),
        "memory_mib": sizes,
        "rss_mib": round(sum(size["rss"] for size in sizes.values())),
        "pss_mib": round(sum(size["pss"] for size in sizes.values())),
    }


def _row(target: str, script: str, members: int, cell: _Cell) -> dict[str, Any]:
    total = load.merged(cell.runs)
    kinds = {
        kind: {name: round(load.percentile(times, share), 2) for name, share in _SHARES.items()}
        for kind, times in {"all": total.all_times, **total.times}.items()
    }
    return {
        "target": target,
        "script": script,
        "members": members,
        "turns": total.turns,
        "turns_per_s": round(total.finished / total.seconds, 1),
        "each_round": [round(run.finished / run.seconds, 1) for run in cell.runs],
        "ms": kinds,
        # With what the check of the journal takes: less noisy than times on a busy machine.
        "processor_ms_per_turn": round(1000 * cell.processor_s / max(total.turns, 1), 2),
        "wrong": len(total.wrong),
        "wrong_shown": load.shown(total.wrong),
        "conversations_verified": total.verified,
    }
