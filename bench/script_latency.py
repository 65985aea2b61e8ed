"""What a step of the guided script costs beyond the dialogue itself.

    python -m bench.script_latency [CALLS]

The dialogue is a fake on loopback that leads the check by the product's rules, in no time. A step
over HTTP is compared with the same turn of a member's web conversation over the same app: the
difference is the script's own cost (session, path, case, page). SQLite with its durable commits.
"""

import os
import shutil
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx

from bot.database import migrate
from bot.settings import Environment, Settings
from tests.app.client import Visitor
from tests.app.serving import RunningApp
from tests.script.clerk import Clerk
from tests.script.fake_check import FakeCheck

CALLS = 60
ANSWERS = ("opening_mail:no", "acceptance_mail:no", "first_mail:yes", "url_clicked:yes")
NUMBER = "000106"
Time = tuple[float, float]


def main() -> None:
    """Measure and print."""
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else CALLS
    folder = Path(tempfile.mkdtemp())
    settings = Settings(env=Environment.demo, var=folder)
    migrate(settings)
    app = RunningApp(settings)
    app.start()
    app.dialogue.answer = FakeCheck().answer
    turns: list[Time] = []
    steps: list[Time] = []
    known: list[Time] = []
    try:
        with Clerk(app) as clerk:
            # Turn about, so that whatever else the machine does meets all of them alike.
            for _ in range(calls):
                _web(app, turns)
                _script(clerk, steps)
                _script(clerk, known, NUMBER)
    finally:
        app.stop()
        shutil.rmtree(folder)
    _say("a member's turn on the web", turns)
    _say("a step of the script", steps)
    _say("a step with a verified caller", known)
    for name, measured in (("the script's own cost", steps), ("with a verified caller", known)):
        wall = _median(measured, 0) - _median(turns, 0)
        used = _median(measured, 1) - _median(turns, 1)
        print(f"{name}: median {wall:.1f} ms, of the processor {used:.1f} ms")
    print(f"load of the machine meanwhile: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def _web(app: RunningApp, times: list[Time]) -> None:
    with Visitor(app.base_url) as visitor:
        choices = visitor.start().begun["messages"][-1]["choices"]  # the menu: the check first
        for value in ("procedure_check", *(answer.rpartition(":")[2] for answer in ANSWERS)):
            choice = next(c["id"] for c in choices if c["value"] == value)
            body = {"client_message_id": str(uuid.uuid4()), "choice": choice}
            answer = times_of(times, partial(visitor.post, body))
            choices = answer.json()["replies"][-1]["choices"]


def _script(clerk: Clerk, times: list[Time], number: str = "") -> None:
    clerk.begin(number)
    if number:
        clerk.verify(number)
    clerk.act("topic:procedure_check")
    for answer in ANSWERS:
        times_of(times, partial(clerk.post, "steps", act=f"answer:{answer}"))


def times_of(times: list[Time], act: Callable[[], httpx.Response]) -> httpx.Response:
    """Do it and keep how long it took, by the clock and of the processor (client and fake too)."""
    started, used = time.perf_counter(), time.process_time()
    result = act()
    times.append(((time.perf_counter() - started) * 1000, (time.process_time() - used) * 1000))
    return result


def _median(times: list[Time], which: int) -> float:
    return statistics.median(time[which] for time in times)


def _say(what: str, times: list[Time]) -> None:
    at_95 = sorted(times)[int(len(times) * 0.95)][0]
    used = _median(times, 1)
    print(
        f"{what}: median {_median(times, 0):.1f} ms, p95 {at_95:.1f} ms, "
        f"of the processor {used:.1f} ms ({len(times)})"
    )


if __name__ == "__main__":
    main()
