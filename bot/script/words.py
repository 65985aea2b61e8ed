"""The words of the script's page (bot/wording/staff_script.yml)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from actions.domain.claims import DATE_QUESTIONS, UNKNOWN, Answer, Question
from actions.domain.japanese import say_date
from actions.domain.procedure import Outcome
from bot import wording

_FIRST = 9


@cache
def words() -> dict[str, Any]:
    """All of them."""
    return _read("staff_script.yml")


@cache
def letters() -> dict[str, str]:
    """The texts at the end of a call, by outcome (bot/wording/letters.yml)."""
    return {str(key): str(text) for key, text in _read("letters.yml").items()}


def _read(name: str) -> dict[str, Any]:
    path = Path(wording.__file__).with_name(name)
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


@dataclass(frozen=True)
class Jump:
    """A topic of the palette; `found_by` are further words by which it is found."""

    topic: str
    label: str
    found_by: str


@cache
def palette() -> tuple[Jump, ...]:
    """Every topic that staff may jump to, the most frequent ones first."""
    return tuple(_jumps())


def first_topics() -> tuple[Jump, ...]:
    """What most callers want: the choices that open a call."""
    return palette()[:_FIRST]


def _jumps() -> Iterator[Jump]:
    for topic, entry in words()["palette"].items():
        label, _, found_by = str(entry).partition("｜")
        yield Jump(topic, label, found_by)


def topic_label(topic: str | None) -> str:
    """Name of a topic; "" for none."""
    if not topic:
        return ""
    names = {jump.topic: jump.label for jump in palette()}
    return names.get(topic) or wording.labels().get(topic, "")


def question_label(question: str) -> str:
    """Short name of a question; "" where it has none."""
    return str(words()["questions"].get(question, ""))


def answer_label(question: Question, value: Any, today: Any) -> str:
    """What a caller answered, in words; dates with their weekday."""
    if question in DATE_QUESTIONS:
        return (
            str(words()["answers"]["date"][UNKNOWN]) if value == UNKNOWN else say_date(value, today)
        )
    return str(_answers(question)[Answer(value).value])


def recorded_label(question: Question, value: Any, today: Any) -> str:
    """What the registry holds, in words."""
    if question in DATE_QUESTIONS:
        return say_date(value, today)
    kind = "recorded_url_clicked" if question is Question.url_clicked else "recorded_mail"
    return str(words()["answers"][kind][Answer(value).value])


def answer_options(question: Question) -> tuple[tuple[str, str], ...]:
    """(value, label) of what can be answered by a button."""
    if question in DATE_QUESTIONS:
        return ((UNKNOWN, str(words()["answers"]["date"][UNKNOWN])),)
    return tuple((str(value), str(label)) for value, label in _answers(question).items())


def listen(*names: str | None) -> tuple[str, ...]:
    """What to listen for, for the first of the names (question, outcome, topic) that has hints."""
    hints: dict[str, list[str]] = words()["listen"]
    return next((tuple(hints[name]) for name in names if name in hints), ())


def letter(outcome: str | None, earliest: str, past: bool = False) -> str:
    """The text at the end of a call; `earliest` is a date in words or ""; `past`: it is over."""
    said = letters()["earliest"].format(day=earliest) if earliest else ""
    if past and outcome == Outcome.wait_opening:
        return letters()["wait_opening_later"].format(day=earliest).strip()
    text = letters().get(outcome or "other", letters()["other"])
    return text.strip().format(earliest=said).strip()


def _answers(question: Question) -> dict[str, str]:
    answers: dict[str, str] = words()["answers"][
        "mail" if question is not Question.url_clicked else "url_clicked"
    ]
    return answers
