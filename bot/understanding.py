"""`navi model test`: how well unseen sentences are understood (spec/topics.md, last part).

Measures on sets that nobody trains on. The first answer counts as the model alone gives it; the
running product is measured over HTTP by tests/product/test_understanding.py.
"""

import json
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actions.domain.heard import Heard
from actions.handlers.clarify import TOPIC_OF, offered_topics
from bot.errors import SettingsError
from bot.serving.model import RASA, dialogue_environment
from bot.settings import PROJECT_ROOT

GOALS = {"right": 0.95, "right or offered": 0.99, "wrong": 0.02, "out of scope answered": 0.03}
_SMALL_TALK = frozenset({"greet", "thanks", "goodbye"})
_NOT_WRONG_FOR_OUT_OF_SCOPE = _SMALL_TALK | {"out_of_scope", "handoff", "clarify"}
_ANSWERS = frozenset(
    {"affirm", "deny", "unsure", "inform_date", "go_back", "start_over", "stop_check"}
)


@dataclass(frozen=True)
class Case:
    """A sentence, the topics that are accepted, and what was made of it."""

    text: str
    accepted: frozenset[str]
    first: str
    offered: tuple[str, ...]
    ms: float

    @property
    def right(self) -> bool:
        """The first answer is an accepted topic."""
        return self.first in self.accepted

    @property
    def right_or_offered(self) -> bool:
        """Right, or a clarification offers an accepted topic."""
        return self.right or (self.first == "clarify" and bool(self.accepted & {*self.offered}))

    @property
    def wrong(self) -> bool:
        """A confident answer of another topic."""
        if self.right or self.first == "clarify":
            return False
        away = "out_of_scope" in self.accepted and self.first in _NOT_WRONG_FOR_OUT_OF_SCOPE
        return not away


def read_set(path: Path) -> list[tuple[str, frozenset[str]]]:
    """Lines `text<TAB>topic|topic` of a set."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    rows = [line.split("\t") for line in lines]
    return [(row[0], frozenset(row[1].split("|"))) for row in rows]


def measure(model: Path, var: Path, rows: Sequence[tuple[str, frozenset[str]]]) -> list[Case]:
    """Let the trained model understand all rows. Raises SettingsError where it cannot run."""
    answers = json.loads(_ask(model, var, "-", {"texts": [text for text, _ in rows]}))
    return [_case(text, accepted, a) for (text, accepted), a in zip(rows, answers, strict=True)]


def figures(cases: Sequence[Case]) -> dict[str, float]:
    """The goals' figures (shares) and the median and slowest time of a sentence (ms)."""
    away = [case for case in cases if "out_of_scope" in case.accepted]
    times = sorted(case.ms for case in cases)
    return {
        "right": _share(case.right for case in cases),
        "right or offered": _share(case.right_or_offered for case in cases),
        "wrong": _share(case.wrong for case in cases),
        "out of scope answered": _share(case.wrong for case in away),
        "ms, median": times[len(times) // 2],
        "ms, 99th of 100": times[int(len(times) * 0.99)],
    }


def missed(found: Mapping[str, float]) -> list[str]:
    """Names of the goals that the figures do not reach."""
    at_least = ("right", "right or offered")
    return [
        name
        for name, goal in GOALS.items()
        if (found[name] < goal if name in at_least else found[name] > goal)
    ]


def confusions(cases: Sequence[Case]) -> list[tuple[str, str, int]]:
    """(expected, understood as, how often), most frequent first."""
    pairs = Counter((min(case.accepted), case.first) for case in cases if not case.right)
    return [(expected, first, count) for (expected, first), count in pairs.most_common()]


def draw(model: Path, var: Path, cases: Sequence[Case], picture: Path) -> None:
    """Write the confusion matrix as a PNG."""
    expected = [case.first if case.right else min(case.accepted) for case in cases]
    labels = sorted({*expected, *(case.first for case in cases)})
    counts = [[0] * len(labels) for _ in labels]
    for row, case in zip(expected, cases, strict=True):
        counts[labels.index(row)][labels.index(case.first)] += 1
    picture.parent.mkdir(parents=True, exist_ok=True)
    _ask(model, var, str(picture.resolve()), {"labels": labels, "counts": counts})


def _case(text: str, accepted: frozenset[str], answer: Mapping[str, Any]) -> Case:
    intent = answer["intent"]
    first = "clarify" if intent in _ANSWERS | {"nlu_fallback", None} else intent
    heard = Heard(text, intent, answer["ranking"])
    offered = (*offered_topics(heard), "handoff")
    return Case(text, accepted, TOPIC_OF.get(first, first), offered, answer["ms"])


def _share(flags: Any) -> float:
    values = [bool(flag) for flag in flags]
    return sum(values) / len(values) if values else 0.0


def _ask(model: Path, var: Path, picture: str, asked: Mapping[str, Any]) -> str:
    done = subprocess.run(
        [str(RASA.with_name("python")), "-m", "rasa_components.measure", str(model), picture],
        cwd=PROJECT_ROOT,
        env=dialogue_environment(var.resolve()),
        input=json.dumps(asked, ensure_ascii=False),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SettingsError("measuring failed:\n" + "\n".join(done.stderr.splitlines()[-8:]))
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""
