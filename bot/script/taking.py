"""What a turn was, as a step of the call. Pure."""

from collections.abc import Sequence
from datetime import datetime

from bot.messages import Message
from bot.script.acts import Act
from bot.script.records import Source, Step, StepKind


def taken(
    act: Act,
    accepted: Message,
    replies: Sequence[Message],
    earlier: Sequence[Step],
    verified: bool,
    now: datetime,
) -> Step:
    """The step; `earlier` are those before it. Without a word of the bot the turn has failed."""
    failed = not any(m.draft.author == "bot" for m in replies)
    before = earlier[-1].answers if earlier else {}
    told = (m.draft.facts["answers"] for m in reversed(replies) if "answers" in m.draft.facts)
    answers = before if failed else dict(next(told, before))
    good = [step for step in earlier if step.kind is not StepKind.failed]
    question = good[-1].asks if good else None
    return Step(
        seq=accepted.seq,
        kind=_kind(act, failed, answers != before),
        said=accepted.draft.text,
        question=question,
        asks=question if failed else replies[-1].draft.question,
        topic=next((m.draft.topic for m in replies if m.draft.topic), None),
        outcome=next((m.draft.outcome for m in reversed(replies) if m.draft.outcome), None),
        answers=answers,
        source=Source.staff if act.changes in before else Source.caller,
        at=now,
        verified=verified,
    )


def _kind(act: Act, failed: bool, answered: bool) -> StepKind:
    if failed:
        return StepKind.failed
    if answered:
        return StepKind.answer
    return StepKind.words if act.text is not None else StepKind.topic
