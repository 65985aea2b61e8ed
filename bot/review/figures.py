"""Figures of many conversations in one pass over their lines. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import median

from actions.domain.claims import Question
from bot.review.period import tokyo_day

CLARIFY = "clarify"
_CLAIM_QUESTIONS = frozenset(question.value for question in Question)
# They ask for the day of the application too, but belong to no check.
_ASK_BY_THEMSELVES = frozenset({"billing_start", "billing_zero"})


@dataclass(frozen=True)
class Line:
    """One message of a conversation, without its words; `at` is an instant."""

    author: str
    at: datetime
    topic: str | None = None
    outcome: str | None = None
    question: str | None = None
    turn_id: str | None = None


@dataclass(frozen=True)
class Talk:
    """A conversation's lines in their order."""

    id: str
    channel: str
    lines: tuple[Line, ...]


@dataclass
class Figures:
    """Counts; lists of seconds stand behind the medians."""

    talks: int = 0
    silent: int = 0
    channels: Counter[str] = field(default_factory=Counter)
    days: Counter[date] = field(default_factory=Counter)
    member_lines: int = 0
    topics: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    # (question, what came next: a question or an outcome)
    steps: Counter[tuple[str, str]] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    answer_seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    talk_seconds: list[float] = field(default_factory=list)
    lines_a_talk: list[int] = field(default_factory=list)

    @property
    def clarified(self) -> int:
        """Messages that were asked back."""
        return self.topics[CLARIFY]

    @property
    def understood_share(self) -> float | None:
        """Share of the members' messages that were answered without asking back (0-1)."""
        told = sum(self.topics.values())
        return 1 - self.clarified / told if told else None


def figures(talks: Iterable[Talk]) -> Figures:
    """Count; a conversation in which no member wrote counts as silent and nowhere else."""
    total = Figures()
    for talk in talks:
        written = [line for line in talk.lines if line.author == "member"]
        if not written:
            total.silent += 1
            continue
        _count_talk(total, talk, written)
        _count_topics(total, talk)
        _count_check(total, talk)
    return total


def _count_talk(total: Figures, talk: Talk, written: list[Line]) -> None:
    total.talks += 1
    total.channels[talk.channel] += 1
    total.days[tokyo_day(written[0].at)] += 1
    total.member_lines += len(written)
    total.lines_a_talk.append(len(written))
    total.talk_seconds.append((talk.lines[-1].at - written[0].at).total_seconds())
    outcome = next((line.outcome for line in reversed(talk.lines) if line.outcome), None)
    if outcome:
        total.outcomes[outcome] += 1


def _count_topics(total: Figures, talk: Talk) -> None:
    told: set[str] = set()
    for line in talk.lines:
        if line.author != "member" and line.topic and line.turn_id and line.turn_id not in told:
            told.add(line.turn_id)
            total.topics[line.topic] += 1


def _count_check(total: Figures, talk: Talk) -> None:
    """From each question of the check to what came next; a digression asks it again."""
    asked: Line | None = None
    answered: datetime | None = None
    for line in talk.lines:
        if asked is not None and line.author == "member" and answered is None:
            answered = line.at
        if line.question in _CLAIM_QUESTIONS and line.topic not in _ASK_BY_THEMSELVES:
            _step(total, asked, line, answered)
            if asked is None or asked.question != line.question or answered is not None:
                asked, answered = line, None
        elif asked is not None and line.outcome:
            _step(total, asked, line, answered)
            asked = answered = None
    if asked is not None:
        total.left[str(asked.question)] += 1


def _step(total: Figures, asked: Line | None, line: Line, answered: datetime | None) -> None:
    following = line.question or line.outcome
    if asked is None or following is None or following == asked.question:
        return
    total.steps[str(asked.question), following] += 1
    if answered is not None:
        waited = (answered - asked.at).total_seconds()
        total.answer_seconds[str(asked.question)].append(waited)


def middle(values: list[float] | list[int]) -> float | None:
    """The median, None where there is nothing."""
    return median(values) if values else None


def share_below(values: list[float], share: float) -> float | None:
    """The value below which that share (0-1) of all lies, None where there is nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None
