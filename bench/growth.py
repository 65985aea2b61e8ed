"""What turn 2, 50, 200 and 1,000 of one conversation cost: medians over several."""

from collections.abc import Callable, Mapping
from typing import Any

from bench.load import around, grow
from bench.rounds import Plan
from bench.script import GROWTH
from bench.targets import Target, WrongAnswer

# Stock Rasa needs more with every turn: a thousand turns would take a quarter of an hour.
STOCK_STOPS_AT = 200


async def measure(
    targets: Mapping[str, Target], plan: Plan, progress: Callable[[str], None]
) -> dict[str, Any]:
    """By target: the median cost in ms around each of the plan's turns."""
    times: dict[str, list[list[float]]] = {name: [] for name in targets if name != "floor"}
    for number in range(plan.conversations):
        for name, grown in times.items():
            longest = max(turn for turn in plan.growth if name == "ours" or turn <= STOCK_STOPS_AT)
            if name == "stock" and number >= 2:
                continue  # slow, and two agree
            progress(f"conversation {number + 1} of {longest} turns, {name}")
            try:
                grown.append(await grow(targets[name], longest + len(GROWTH)))
            except WrongAnswer as error:
                progress(f"{name}: {error}")
    return {
        name: {str(turn): _rounded(around(grown, turn)) for turn in plan.growth} if grown else {}
        for name, grown in times.items()
    }


def _rounded(ms: float | None) -> float | None:
    return None if ms is None else round(ms, 2)
