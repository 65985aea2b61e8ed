"""Conversations of a period out of the journal."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker

from bot.database import reading
from bot.review.figures import Figures, Line, Talk, figures
from bot.review.period import Period
from bot.store.handover_tables import HandoverRow, ResolutionRow
from bot.store.tables import ConversationRow, FeedbackRow, MessageRow, TurnRow

_AT_ONCE = 2000


@dataclass(frozen=True)
class Service:
    """What a period was like for members; durations in seconds."""

    failures: Mapping[str, int]
    turn_seconds: list[float]
    helpful: int
    unhelpful: int
    handovers: Mapping[str, int]
    person_seconds: list[float]
    resolutions: Mapping[str, int]


class Reading:
    """Reads for the review; each method is one snapshot."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def figures(self, period: Period) -> Figures:
        """The figures of the conversations that began in the period."""
        with reading(self._sessions) as session:
            return figures(_talks(session, period))

    def service(self, period: Period) -> Service:
        """Failures, durations, feedback and handovers of the same conversations."""
        with reading(self._sessions) as session:
            turns = _rows(
                session, period, TurnRow, TurnRow.failure, TurnRow.created_at, TurnRow.finished_at
            )
            helpful = Counter(
                value for (value,) in _rows(session, period, FeedbackRow, FeedbackRow.helpful)
            )
            wanted = _rows(
                session,
                period,
                HandoverRow,
                HandoverRow.reason,
                HandoverRow.requested_at,
                HandoverRow.first_answer_at,
            )
            resolved = Counter(
                state for (state,) in _rows(session, period, ResolutionRow, ResolutionRow.state)
            )
        return Service(
            Counter(failure for failure, _, _ in turns if failure),
            [(end - begin).total_seconds() for failure, begin, end in turns if end and not failure],
            helpful[True],
            helpful[False],
            Counter(reason for reason, _, _ in wanted),
            [(end - begin).total_seconds() for _, begin, end in wanted if end],
            resolved,
        )


def _rows(
    session: Session, period: Period, table: type[Any], *columns: InstrumentedAttribute[Any]
) -> Sequence[Any]:
    """Columns of a table's rows that belong to the period's conversations."""
    return session.execute(
        select(*columns)
        .join(ConversationRow, ConversationRow.id == table.conversation_id)
        .where(*_within(period))
    ).all()


def _within(period: Period) -> list[ColumnElement[bool]]:
    found = [
        ConversationRow.created_at >= period.begin,
        ConversationRow.created_at < period.end,
    ]
    return [*found, ConversationRow.channel == period.channel] if period.channel else found


def _talks(session: Session, period: Period) -> Iterator[Talk]:
    rows = session.execute(
        select(
            MessageRow.conversation_id,
            ConversationRow.channel,
            MessageRow.author,
            MessageRow.created_at,
            MessageRow.topic,
            MessageRow.outcome,
            MessageRow.question,
            MessageRow.turn_id,
        )
        .join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
        .where(*_within(period))
        .order_by(MessageRow.conversation_id, MessageRow.seq)
        .execution_options(yield_per=_AT_ONCE)
    )
    for (conversation_id, channel), lines in groupby(rows, key=lambda row: (row[0], row[1])):
        yield Talk(conversation_id, channel, tuple(Line(*line[2:]) for line in lines))
