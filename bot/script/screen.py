"""What the clerk sees: built from the journal, the path of the call and the registry. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from actions.domain.calendar import TOKYO
from actions.domain.claims import DATE_QUESTIONS, Claims, Question, path
from actions.domain.recorded import disagreements
from bot.cli.output import words as command_words
from bot.messages import Draft, Message
from bot.script.records import Note, Source, Step, StepKind
from bot.script.words import (
    answer_label,
    answer_options,
    first_topics,
    listen,
    question_label,
    recorded_label,
    topic_label,
    words,
)

_MOST_KEYS = 9


@dataclass(frozen=True)
class Option:
    """A button; `key` is its number key, "" beyond nine. `act` as in bot.script.acts."""

    label: str
    act: str
    key: str = ""
    chosen: bool = False


@dataclass(frozen=True)
class CheckItem:
    """A question of the check with the caller's answer, the registry's, or both."""

    question: str
    title: str
    said: str
    recorded: str
    source: str
    differs: bool
    is_date: bool
    options: tuple[Option, ...]


@dataclass(frozen=True)
class LogLine:
    """One step of the call, in the order in which it happened; `at` is a time of day in Tokyo."""

    seq: int
    at: str
    title: str
    answer: str
    failed: bool
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Screen:
    """The page's centre and sides; texts as they are read aloud, one breath each."""

    say: tuple[str, ...] = field(repr=False)
    links: tuple[dict[str, str], ...]
    listen: tuple[str, ...]
    options: tuple[Option, ...]
    topic: str
    outcome: str | None
    outcome_name: str
    asks: bool
    asks_date: bool
    can_go_back: bool
    check_waits: bool
    failed: bool
    check: tuple[CheckItem, ...]
    log: tuple[LogLine, ...]
    call_notes: tuple[str, ...]
    seq: int


def build(
    messages: Sequence[Message],
    steps: Sequence[Step],
    notes: Sequence[Note],
    recorded: Claims | None,
    today: date,
) -> Screen:
    """The screen of a call. `recorded` is there only for a verified caller.

    What was said to a verified caller is not shown once the verification is over (another call).
    """
    failed = bool(steps) and steps[-1].kind is StepKind.failed
    good = [step for step in steps if step.kind is not StepKind.failed]
    hidden = bool(good) and good[-1].verified and recorded is None
    shown = [] if hidden else _shown(messages, good)
    last = shown[-1] if shown else None
    outcome = next((d.outcome for d in reversed(shown) if d.outcome), None)
    topic = next((d.topic for d in shown if d.topic), None)
    question = last.question if last else None
    claims = Claims.remembered(steps[-1].answers if steps else {})
    hints = listen(question, outcome, topic) if shown else ()
    return Screen(
        say=tuple(d.text for d in shown) or (str(words()["reverify" if hidden else "opening"]),),
        links=tuple(link for d in shown for link in d.links),
        listen=hints,
        options=_options(last),
        topic=topic_label(topic),
        outcome=outcome,
        outcome_name=outcome_words(outcome, "label"),
        asks=question is not None,
        asks_date=question in DATE_QUESTIONS,
        can_go_back=bool(path(claims)),
        check_waits=_check_waits(question, steps),
        failed=failed,
        check=tuple(_check(claims, recorded, steps, today)),
        log=tuple(_log(steps, notes)),
        call_notes=tuple(n.text for n in notes if n.seq == 0),
        seq=steps[-1].seq if steps else 0,
    )


def outcome_words(outcome: str | None, part: str) -> str:
    """Name (`label`) of an outcome or what staff do `next`; "" for none or another release's."""
    return str(command_words()["advice"]["outcomes"].get(outcome, {}).get(part, ""))


def _shown(messages: Sequence[Message], good: Sequence[Step]) -> list[Draft]:
    """The answer to the last step that was answered."""
    if not good:
        return []
    after = [m for m in messages if m.seq > good[-1].seq]
    until = next((i for i, m in enumerate(after) if m.draft.author == "member"), len(after))
    return [m.draft for m in after[:until]]


def _options(last: Draft | None) -> tuple[Option, ...]:
    if last is None:
        offered = [(jump.label, f"topic:{jump.topic}") for jump in first_topics()]
    else:
        offered = [(c.label, f"choice:{c.id}") for c in last.choices]
    return tuple(
        Option(label, act, str(n) if n <= _MOST_KEYS else "")
        for n, (label, act) in enumerate(offered, start=1)
    )


def _check_waits(question: str | None, steps: Sequence[Step]) -> bool:
    """Whether the check was begun, has no outcome and is not what is being asked now."""
    if question in set(Question):
        return False
    for step in reversed(steps):
        if step.outcome:
            return False
        if step.question in set(Question):
            return True
    return False


def _check(
    said: Claims, recorded: Claims | None, steps: Sequence[Step], today: date
) -> Iterator[CheckItem]:
    known = recorded or Claims()
    differing = {d.question for d in disagreements(said, known)}
    wanted = {*path(said), *path(known), *differing}
    for question in (q for q in Question if q in wanted):
        told, held = getattr(said, question), getattr(known, question)
        yield CheckItem(
            question=question.value,
            title=question_label(question.value),
            said=answer_label(question, told, today) if told is not None else "",
            recorded=recorded_label(question, held, today) if held is not None else "",
            source=str(words()["sources"][_source(question, told, steps).value]),
            differs=question in differing,
            is_date=question in DATE_QUESTIONS,
            options=tuple(
                Option(label, f"answer:{question.value}:{value}", chosen=value == told)
                for value, label in answer_options(question)
            ),
        )


def _source(question: Question, told: object, steps: Sequence[Step]) -> Source:
    if told is None:
        return Source.registry
    before: dict[str, str] = {}
    source = Source.caller
    for step in steps:
        if step.answers.get(question.value) != before.get(question.value):
            source = step.source
        before = step.answers
    return source


def _log(steps: Sequence[Step], notes: Sequence[Note]) -> Iterator[LogLine]:
    for step in steps:
        yield LogLine(
            seq=step.seq,
            at=_time(step.at),
            title=_title(step),
            answer=step.said,
            failed=step.kind is StepKind.failed,
            notes=tuple(n.text for n in notes if n.seq == step.seq),
        )


def _title(step: Step) -> str:
    """What a step's words belong to: the question, else the topic; "" where they say it."""
    own = set(words()["acts"].values())
    names_question = any(step.said.startswith(f"{question_label(q.value)}：") for q in Question)
    if step.said in own or names_question:
        return ""
    asked = question_label(step.question or "")
    return asked if asked and step.kind is StepKind.answer else topic_label(step.topic)


def _time(at: datetime) -> str:
    return f"{at.astimezone(TOKYO):%H:%M}"
