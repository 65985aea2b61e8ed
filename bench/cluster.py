"""More than one machine, on this one: `.venv/bin/python -m bench.cluster [--members N] [--roll]`.

Starts PostgreSQL, Redis, two apps, two dialogue servers and nginx on loopback, lets members go
through the mixed script over the load balancer, kills (SIGKILL) an app's process, a whole app
with its supervisor and each dialogue server meanwhile, and then compares every journal with what
was acknowledged. With `--roll` nothing is killed: everything is stopped and started again as in an
upgrade, one after the other, and the dialogue servers begin with another model. Needs Debian's
postgresql, redis-server and nginx. Exit code 1 where anything was lost, doubled, unanswered or out
of order, or where a member of a roll was told that something cannot be checked right now.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import psycopg

from bench.cluster_members import Members
from bench.cluster_parts import Machines, Part
from bench.processes import end_orderly, machine
from bench.report import progress
from bot.settings import PROJECT_ROOT

_BEFORE_FIRST_KILL_S = 3.0
_AWAY_S = 3.0
_BETWEEN_S = 4.0


async def _kill_and_bring_back(machines: Machines, killed: list[str]) -> None:
    await asyncio.sleep(_BEFORE_FIRST_KILL_S)
    progress("kill: the process of app-2 (its supervisor starts it again)")
    machines.apps[1].kill_child("app")
    killed.append("app-2's process")
    await asyncio.sleep(_BETWEEN_S)
    for part in (machines.dialogues[0], machines.apps[0], machines.dialogues[1]):
        await _away(part, killed)


async def _away(part: Part, killed: list[str]) -> None:
    progress(f"kill: {part.name}")
    part.kill()
    killed.append(part.name)
    await asyncio.sleep(_AWAY_S)
    part.start()
    await asyncio.to_thread(part.wait)
    progress(f"{part.name} is back")
    await asyncio.sleep(_BETWEEN_S)


async def _roll(machines: Machines, rolled: list[str]) -> None:
    """docs/operations.md, "Upgrade": the dialogue servers, then the apps, each when it is ready."""
    await asyncio.sleep(_BEFORE_FIRST_KILL_S)
    for part in (*machines.dialogues, *machines.apps):
        progress(f"roll: {part.name}")
        await asyncio.to_thread(part.stop)
        machines.give_model(part)
        part.start()
        await asyncio.to_thread(part.wait)
        rolled.append(part.name)
        await asyncio.sleep(_BETWEEN_S)


async def _trial(machines: Machines, count: int, roll: bool) -> dict[str, Any]:
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=30)
    touched: list[str] = []
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
        members = Members(machines.base_url, http)
        stop = asyncio.Event()
        started = time.monotonic()

        async def member(number: int) -> None:
            while not stop.is_set():
                await members.run(time.monotonic() + 0.1, random.Random(number))

        tasks = [asyncio.create_task(member(number)) for number in range(count)]
        await (_roll if roll else _kill_and_bring_back)(machines, touched)
        stop.set()
        await asyncio.gather(*tasks)
        seconds = time.monotonic() - started
        messages = await members.verify()
    members.wrong += _in_database(machines)
    if roll and members.unavailable:
        members.wrong.append("members read an apology in mid-roll")
    return {
        "members": count,
        "seconds": round(seconds, 1),
        "rolled" if roll else "killed": touched,
        "conversations": len(members.talks),
        "messages_acknowledged": sum(len(talk.told) for talk in members.talks),
        "messages_in_journals": messages,
        "retries": members.retries,
        "told_unavailable": members.unavailable,
        "slowest_answer_s": round(members.slowest_s, 1),
        "wrong": members.wrong,
    }


def _in_database(machines: Machines) -> list[str]:
    """Turns that nobody finished."""
    query = "SELECT status, count(*) FROM turn GROUP BY status"
    with psycopg.connect(machines.postgres.url("postgres")) as connection:
        counts: dict[str, int] = dict(connection.execute(query).fetchall())
    progress(f"turns: {counts}")
    return [f"{counts['pending']} turns are still open"] if counts.get("pending") else []


def main() -> int:
    """Run the trial, print and keep its result."""
    parser = argparse.ArgumentParser(prog="bench.cluster", description=__doc__)
    parser.add_argument("--members", type=int, default=8)
    parser.add_argument("--out", type=Path, default=PROJECT_ROOT / "bench" / "results")
    parser.add_argument("--roll", action="store_true")
    given = parser.parse_args()
    end_orderly()
    about = machine() | {"at": datetime.now(UTC).isoformat(timespec="seconds")}
    progress("starting PostgreSQL, Redis, nginx, two apps, two dialogue servers")
    machines = Machines.start(PROJECT_ROOT / "var" / "bench" / "cluster", former=given.roll)
    try:
        result = asyncio.run(_trial(machines, given.members, given.roll))
    finally:
        machines.stop()
    given.out.mkdir(parents=True, exist_ok=True)
    shown = json.dumps({"machine": about, **result}, ensure_ascii=False, indent=1)
    (given.out / f"{'roll' if given.roll else 'cluster'}.json").write_text(
        shown + "\n", encoding="utf-8"
    )
    print(shown)
    return 1 if result["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
