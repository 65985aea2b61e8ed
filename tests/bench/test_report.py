"""The benchmark's own arithmetic, its picture, and README's part that is made from it."""

import json
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest

from bench import picture, readme
from bench.load import Load, around, merged, percentile
from bench.report import goals
from bench.script import GROWTH, SCRIPTS
from bot.settings import PROJECT_ROOT


def row(target: str, script: str, members: int, speed: float, ms: float) -> dict[str, Any]:
    times = {"p50": ms, "p95": 2 * ms, "p99": 3 * ms}
    return {
        "target": target,
        "script": script,
        "members": members,
        "turns_per_s": speed,
        "ms": {"all": times},
        "processor_ms_per_turn": ms,
        "wrong": 0,
    }


def result() -> dict[str, Any]:
    loads = [
        row("ours", "mixed", 1, 200.0, 5.0),
        row("stock", "mixed", 1, 20.0, 50.0),
        row("ours", "button", 1, 400.0, 2.0),
        row("floor", "button", 1, 1000.0, 1.0),
    ]
    about = {"ready_s": 9.0, "training_s": None, "rss_mib": 700, "pss_mib": 600}
    return {
        "machine": {
            "processor": "some",
            "cores": 2,
            "memory_gib": 24,
            "at": "2026-01-05T00:00:00",
            "load_before": 0.1,
        },
        "plan": {"members": [1]},
        "loads": loads,
        "targets": {"ours": about},
        "growth": {"ours": {"2": 4.0, "1000": 5.0}},
    }


def test_percentiles() -> None:
    assert percentile([], 0.5) == 0
    assert percentile([3, 1, 2], 0.5) == 2
    assert percentile(list(range(100)), 0.95) == 95
    assert percentile(list(range(100)), 1.0) == 99


def test_a_window_of_a_growing_conversation_holds_every_sentence() -> None:
    width = len(GROWTH)
    times = [float(turn) for turn in range(1, 101)]
    assert around([times, times], 50) == 50 + (width - 1) / 2
    assert around([times[:50]], 50) is None  # cut short: no figure instead of a wrong one


def test_rounds_are_added_up() -> None:
    first = Load({"text": [1.0]}, finished=10, seconds=2.0, turns=11)
    second = Load({"text": [3.0], "form": [5.0]}, finished=30, seconds=2.0, turns=31, wrong=["x"])
    total = merged([first, second])
    assert total.finished / total.seconds == 10
    assert (total.all_times, total.turns, total.wrong) == ([1.0, 3.0, 5.0], 42, ["x"])


def test_goals_are_ratios() -> None:
    told = {what: measured for what, measured, _ in goals(result())}
    assert told["mixed script, 1 members, turns/s"] == "10.0 ×"
    assert told["button turn p50, 1 member"] == "2.0 ×"
    assert told["turn 1,000 to turn 2"] == "1.2 ×"
    assert "text turn p50, 1 members" not in told  # not measured, not told


def test_the_picture_is_sound() -> None:
    drawn = ElementTree.fromstring(picture.draw(result()))
    words = [element.text for element in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"mixed, 1", "button, 1", "200", "1,000"} <= set(words)


def test_every_script_says_or_presses() -> None:
    for script in SCRIPTS.values():
        for step in script.steps:
            assert (step.says is None) != (step.presses is None), step


def test_readme_tells_the_newest_result() -> None:
    kept = PROJECT_ROOT / "bench" / "results" / "bench.json"
    if not kept.exists():
        pytest.skip("make bench was never run to its end")
    said = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.updated(said, json.loads(kept.read_text(encoding="utf-8"))) == said
