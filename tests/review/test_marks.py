"""Reading the journal for the review, on both databases."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session, sessionmaker

from bot.errors import InvalidRequest
from bot.messages import Choice, Draft
from bot.review.period import Period
from bot.review.reading import Reading
from bot.review.unclear import Marks, MessageNotFound
from bot.store.journal import Journal
from bot.store.records import Conversation, Inbound
from bot.store.tables import ConversationRow

NOW = datetime(2026, 6, 10, 3, 0, tzinfo=UTC)
JUNE = Period(date(2026, 6, 1), date(2026, 6, 30))
OFFER = Draft(
    "bot",
    "どちらでしょうか。",
    topic="clarify",
    choices=(Choice("メールが届かない", "mail_missing", "/mail_missing"),),
)


def converse(
    sessions: sessionmaker[Session],
    turns: Sequence[tuple[str, Draft]],
    name: str = "c1",
    channel: str = "web",
    at: datetime = NOW,
) -> str:
    """A conversation with these turns, ten seconds each."""
    journal = Journal(sessions)
    conversation = Conversation(name, "0" * 64, channel, None, None, None, 0)
    journal.begin(conversation, [Draft("bot", "こんにちは", topic="greet")], at)
    for n, (text, reply) in enumerate(turns):
        said_at = at + timedelta(seconds=10 * (n + 1))
        turn = journal.accept(name, Inbound(f"{name}-{n}", "0" * 64, text), said_at).turn
        journal.finish(turn, [reply], said_at + timedelta(seconds=2))
    return name


@pytest.fixture
def marks(sessions: sessionmaker[Session]) -> Marks:
    return Marks(sessions, ["mail_missing", "faq"])


def test_what_was_asked_back_is_listed_with_what_came_next(
    sessions: sessionmaker[Session], marks: Marks
) -> None:
    converse(
        sessions,
        [("届かんのやけど", OFFER), ("メールが届かない", Draft("bot", "…", topic="mail_missing"))],
    )
    [row] = marks.unclear(JUNE, "clarify", open_only=True).rows
    assert (row.text, row.topic, row.chosen) == ("届かんのやけど", "clarify", "メールが届かない")
    assert row.offered == ("メールが届かない",)


def test_a_mark_is_kept_changed_and_exported(sessions: sessionmaker[Session], marks: Marks) -> None:
    converse(sessions, [("届かんのやけど", OFFER)])
    [row] = marks.unclear(JUNE, "clarify", open_only=True).rows
    marks.mark(row.conversation_id, row.seq, "faq", "s1", NOW)
    marks.mark(row.conversation_id, row.seq, "mail_missing", "s1", NOW)
    assert marks.marked(JUNE) == [("mail_missing", "届かんのやけど")]
    assert not marks.unclear(JUNE, "clarify", open_only=True).rows
    assert marks.unclear(JUNE, "clarify", open_only=False).rows[0].intent == "mail_missing"


def test_a_mark_that_teaches_nothing_is_done_but_not_exported(
    sessions: sessionmaker[Session], marks: Marks
) -> None:
    converse(sessions, [("届かんのやけど", OFFER)])
    marks.mark("c1", 2, "", "s1", NOW)
    assert not marks.marked(JUNE)
    assert not marks.unclear(JUNE, "clarify", open_only=True).rows


def test_only_members_messages_and_known_intents_are_marked(
    sessions: sessionmaker[Session], marks: Marks
) -> None:
    converse(sessions, [("届かんのやけど", OFFER)])
    with pytest.raises(InvalidRequest):
        marks.mark("c1", 2, "restart", "s1", NOW)
    for conversation, seq in (("c1", 1), ("c1", 9), ("other", 2)):
        with pytest.raises(MessageNotFound):
            marks.mark(conversation, seq, "faq", "s1", NOW)


def test_marks_go_with_their_conversation(sessions: sessionmaker[Session], marks: Marks) -> None:
    converse(sessions, [("届かんのやけど", OFFER)])
    marks.mark("c1", 2, "faq", "s1", NOW)
    with sessions.begin() as session:
        session.execute(delete(ConversationRow))
    assert not marks.marked(JUNE)


def test_figures_are_of_the_period_and_the_channel(sessions: sessionmaker[Session]) -> None:
    answer = Draft("bot", "…", topic="faq")
    converse(sessions, [("一つ", answer)], "web1")
    converse(sessions, [("二つ", OFFER)], "line1", "line")
    converse(sessions, [("三つ", answer)], "old", at=NOW - timedelta(days=60))
    reading = Reading(sessions)
    assert reading.figures(JUNE).channels == {"web": 1, "line": 1}
    only = Period(JUNE.first, JUNE.last, "line")
    assert reading.figures(only).topics == {"clarify": 1}
    service = reading.service(only)
    assert service.turn_seconds == [2.0]
    assert (service.helpful, service.unhelpful, dict(service.failures)) == (0, 0, {})


def test_feedback_is_counted(sessions: sessionmaker[Session]) -> None:
    converse(sessions, [("一つ", Draft("bot", "…", topic="faq"))])
    journal = Journal(sessions)
    journal.add_feedback("c1", True, None, NOW)
    journal.add_feedback("c1", False, None, NOW)
    service = Reading(sessions).service(JUNE)
    assert (service.helpful, service.unhelpful) == (1, 1)
