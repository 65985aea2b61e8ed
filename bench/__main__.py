"""`make bench`: the product, stock Rasa and the floor in one run, by turns.

    .venv/bin/python -m bench [--quick] [--targets ours,stock,floor] [--out bench/results]

The targets take turns in each round, so that noise of the machine meets all of them.
"""

import argparse
import asyncio
import json
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from bench import growth, picture, readme, report, rounds
from bench.processes import end_orderly, machine
from bench.products import STARTS, Product
from bot.settings import PROJECT_ROOT


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute or two, for a first look")
    parser.add_argument("--targets", default="ours,stock,floor", help="which of them")
    parser.add_argument("--seconds", type=float, help="of each load in each round")
    parser.add_argument("--rounds", type=int, help="how often all targets have their turn")
    parser.add_argument("--members", default="1,8,32", help="how many at a time")
    parser.add_argument("--scripts", default="", help="which of bench/script.py; empty: all")
    parser.add_argument("--no-growth", action="store_true", help="no long conversations")
    parser.add_argument("--no-training", action="store_true", help="the model is not trained anew")
    parser.add_argument("--out", type=Path, default=PROJECT_ROOT / "bench" / "results")
    return parser.parse_args()


async def _measure(products: dict[str, Product], plan: rounds.Plan) -> dict[str, Any]:
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=4.0)
    timeout = aiohttp.ClientTimeout(total=120)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
        targets = {name: product.connect(http) for name, product in products.items()}
        measured = await rounds.measure(targets, products, plan, report.progress)
        if plan.growth:
            measured["growth"] = await growth.measure(targets, plan, report.progress)
    return measured


def main() -> int:
    """Measure, print, keep. 1 where an answer of the product was wrong."""
    given = _arguments()
    end_orderly()
    plan = rounds.Plan.of(given)
    about = machine() | {"at": datetime.now(UTC).isoformat(timespec="seconds")}
    names = [name for name in STARTS if name in given.targets.split(",")]
    with ExitStack() as stack:
        products: dict[str, Product] = {}
        for name in names:
            report.progress(f"starting {name}")
            product = STARTS[name](PROJECT_ROOT / "var" / "bench", plan.training)
            stack.callback(product.stop)
            products[name] = product
        measured = asyncio.run(_measure(products, plan))
    result = {"machine": about, "plan": plan.described(), **measured}
    given.out.mkdir(parents=True, exist_ok=True)
    name = "quick" if given.quick else "bench"
    (given.out / f"{name}.json").write_text(
        json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    (given.out / f"{name}.svg").write_text(picture.draw(result), encoding="utf-8")
    if not given.quick and given.out == PROJECT_ROOT / "bench" / "results":
        readme.write()
    report.show(result)
    return 1 if any(row["wrong"] for row in result["loads"] if row["target"] == "ours") else 0


if __name__ == "__main__":
    sys.exit(main())
