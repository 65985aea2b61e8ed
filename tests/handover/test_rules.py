"""The desk's pure rules: queue, giving up, resolution, wishes, summary."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handover.idle import Silence, given_up
from bot.handover.queue import ASKED_HEAD_START, URGENT_HEAD_START, Waiting, ahead, in_order
from bot.handover.resolution import Resolution, Story, resolution
from bot.handover.summary import answers, last_outcome, last_topic, pressed
from bot.handover.wishes import Wish, stronger, wish_of
from bot.messages import Choice, Draft, Message

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
WAITINGS = st.builds(
    Waiting,
    st.integers(0, 600).map(lambda m: NOW - m * MINUTE),
    st.booleans(),
    st.booleans(),
)


def test_who_waits_longer_comes_first_and_urgent_ones_get_a_head_start() -> None:
    old, young = Waiting(NOW - 10 * MINUTE), Waiting(NOW - 5 * MINUTE)
    urgent, stale = Waiting(NOW, urgent=True), Waiting(NOW - 16 * MINUTE)
    assert in_order([young, urgent, old, stale], lambda w: w) == [stale, urgent, old, young]


@given(st.lists(WAITINGS, max_size=12), WAITINGS)
def test_nobody_is_overtaken_for_ever(others: list[Waiting], me: Waiting) -> None:
    """Only who came within the head start after me can be served before me."""
    order = in_order([*others, me], lambda w: w)
    latest = me.since + URGENT_HEAD_START + ASKED_HEAD_START
    assert all(w.since <= latest for w in order[: order.index(me)])
    assert ahead(others, me) <= len(others)
    assert order == in_order(reversed(order), lambda w: w) or len(set(order)) < len(order)


@pytest.mark.parametrize(
    ("silence", "ends"),
    [
        (Silence("owned", NOW - 31 * MINUTE, NOW - 30 * MINUTE, False, False), True),
        (Silence("owned", NOW - 31 * MINUTE, NOW - 29 * MINUTE, False, False), False),
        (Silence("owned", NOW - 9 * DAY, NOW - 9 * DAY, True, False), False),  # staff owe a word
        (Silence("owned", NOW - 9 * DAY, None, False, False), False),
        (Silence("waiting", NOW - DAY, None, True, False), True),
        (Silence("waiting", NOW - DAY + MINUTE, None, True, False), False),
        (Silence("waiting", NOW - 9 * DAY, None, True, True), False),  # wants a telephone call
    ],
)
def test_when_a_member_has_given_up(silence: Silence, ends: bool) -> None:
    assert given_up(silence, NOW, 30 * MINUTE, DAY) is ends


def _story(**values: object) -> Story:
    base = {"ended_at": NOW - 8 * DAY, "decided": True, "known_member": True}
    return Story(**{**base, **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (_story(outcome_then="click_url", outcome_later="wait_opening"), ("resolved", "moved_on")),
        (_story(outcome_then="click_url", outcome_later="click_url"), ("resolved", "stayed_away")),
        (
            _story(outcome_then="wait_opening", outcome_later="opening_delayed"),
            ("resolved", "stayed_away"),
        ),
        (_story(came_back_at=NOW - 2 * DAY), ("open", "came_back")),
        (_story(came_back_at=NOW - 1 * DAY + MINUTE), ("resolved", "stayed_away")),
        (_story(decided=False), ("unknown", "no_answer")),
        (_story(helpful=False), ("open", "not_helpful")),
        (_story(known_member=False), ("unknown", "guest")),
        (_story(known_member=False, helpful=True), ("resolved", "said_helpful")),
        (_story(ended_at=NOW - 6 * DAY), None),
        (_story(ended_at=NOW - 6 * DAY, came_back_at=NOW), ("open", "came_back")),
        (
            _story(ended_at=NOW, outcome_then="click_url", outcome_later="login_ready"),
            ("resolved", "moved_on"),
        ),
    ],
)
def test_whether_it_was_resolved(story: Story, expected: tuple[str, str] | None) -> None:
    assert resolution(story, NOW) == (Resolution(*expected) if expected else None)


def test_wishes() -> None:
    said = Draft("bot", "x", topic="billing_start")
    assert wish_of([said]) is None
    handed = Draft("bot", "x", topic="handoff", facts={"handover": True})
    assert wish_of([handed]) == Wish("asked", "handoff")
    late = Draft("bot", "x", outcome="opening_delayed", facts={"handover": True})
    assert wish_of([late, said]) == Wish("outcome", "billing_start", "opening_delayed")
    assert wish_of([Draft("bot", "x", facts={"handover": False})]) is None
    lost = Draft("bot", "x", topic="clarify", desk={"reason": "misunderstood"})
    assert wish_of([lost]) == Wish("misunderstood", "clarify")
    assert stronger("misunderstood", "asked") == "asked"
    assert stronger("asked", "outcome") == "asked"
    assert stronger("asked", None) == "asked"


def _talk(*drafts: Draft) -> list[Message]:
    return [
        Message(str(seq), seq, NOW + seq * MINUTE, draft)
        for seq, draft in enumerate(drafts, start=1)
    ]


def _asks(question: str, *labels: str, **more: str) -> Draft:
    choices = tuple(Choice(label, label, "", label) for label in labels)
    return Draft("bot", "？", choices=choices, question=question, **more)  # type: ignore[arg-type]


def test_another_topic_is_no_answer() -> None:
    check = {"topic": "procedure_check"}
    messages = _talk(
        _asks("acceptance_mail", "届いた", **check),
        Draft("member", "請求はいつから見られますか"),
        Draft("bot", "25日頃です。", topic="billing_start"),
        _asks("acceptance_mail", "届いた", **check),
        Draft("member", "ええと"),
        _asks("acceptance_mail", "届いた", **check),
        Draft("member", "まだ来ていません"),
        _asks("first_mail", "ある", **check),
        Draft("member", "人と話したい"),
        Draft("bot", "担当者が承ります。", topic="handoff"),
    )
    assert [a.answer for a in answers(messages)] == ["まだ来ていません"]


def test_what_is_told_to_a_person_answers_no_question_of_the_bot() -> None:
    messages = _talk(
        _asks("applied_on", "分からない", topic="billing_start"),
        Draft("system", "担当者が代わりました。", facts={"owner": "staff"}),
        Draft("member", "番号はどこで見ますか"),
        Draft("staff", "宛名用紙です。"),
        Draft("member", "ありがとう"),
        Draft("system", "自動のご案内に戻ります。", facts={"owner": "bot"}),
        Draft("member", "3月20日です"),
        Draft("bot", "4月分からです。", topic="billing_start"),
    )
    assert [a.answer for a in answers(messages)] == ["3月20日です"]


def test_every_answer_so_far() -> None:
    messages = _talk(
        Draft("member", "ログインできない"),
        _asks("opening_mail", "届いた", "届いていない"),
        Draft("member", "届いていない"),
        _asks("accepted_on", "分からない"),
        Draft("member", "3月20日です"),
        Draft("bot", "お待ちください。", topic="procedure_check", outcome="wait_opening"),
        Draft("member", "1つ前に戻る"),
        _asks("accepted_on", "分からない"),
        Draft("member", "3月19日でした"),
        Draft("bot", "お待ちください。", topic="procedure_check", outcome="wait_opening"),
        Draft("member", "何か変"),
        Draft("bot", "どれですか。", choices=(Choice("請求", "x", "", "x"),), topic="clarify"),
        Draft("member", "請求"),
        Draft("bot", "どれですか。", choices=(Choice("請求", "x", "", "y"),), topic="clarify"),
        Draft("member", "もういいです"),
    )
    found = [(a.question, a.answer, a.changed) for a in answers(messages)]
    assert found == [
        ("「開設完了」のメールは届きましたか", "届いていない", False),
        ("「受付完了」のメールの日付", "3月20日です", True),
        ("「受付完了」のメールの日付", "3月19日でした", False),
        ("どのご用件か", "請求", False),
    ]
    assert pressed(messages) == {2: "届いていない", 12: "請求"}
    assert (last_topic(messages), last_outcome(messages)) == ("procedure_check", "wait_opening")
