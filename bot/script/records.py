"""Steps and notes of a call as values."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.store.script_tables import ScriptNoteRow, ScriptStepRow


class StepKind(StrEnum):
    """What a step was: an answer of the check, a topic, free words, or a turn that failed."""

    answer = "answer"
    topic = "topic"
    words = "words"
    failed = "failed"


class Source(StrEnum):
    """Whose answer stands: the caller's, the registry's, or one that the clerk corrected."""

    caller = "caller"
    registry = "registry"
    staff = "staff"


@dataclass(frozen=True)
class Step:
    """One step; `question` was open before it, `asks` is open after it.

    `answers` are the check's answers after it, `at` is an instant in UTC. `verified`: the caller
    was, so what was said then may tell of the registry.
    """

    seq: int
    kind: StepKind
    said: str = field(repr=False)
    question: str | None
    asks: str | None
    topic: str | None
    outcome: str | None
    answers: dict[str, str] = field(repr=False)
    source: Source
    at: datetime
    verified: bool = False


@dataclass(frozen=True)
class Note:
    """A clerk's note on the step `seq`; 0: on the call."""

    seq: int
    text: str = field(repr=False)
    staff_name: str
    at: datetime


def step_of(row: ScriptStepRow) -> Step:
    """The row as a value."""
    return Step(
        seq=row.seq,
        kind=StepKind(row.kind),
        said=row.said,
        question=row.question,
        asks=row.asks,
        topic=row.topic,
        outcome=row.outcome,
        answers=row.answers,
        source=Source(row.source),
        at=row.at,
        verified=row.verified,
    )


def note_of(row: ScriptNoteRow) -> Note:
    """The row as a value."""
    return Note(row.seq, row.text, row.staff_name, row.at)
