"""The dialogue server fails: the member is told, nothing is lost, nothing is answered twice."""

import time
from collections.abc import Iterator

import pytest

from tests.app.client import Visitor, text_body
from tests.app.conftest import DEADLINE_S, SHORT_DEADLINE_S
from tests.app.fakes import STALL_S
from tests.app.serving import RunningApp


@pytest.fixture
def visitor(lite: RunningApp) -> Iterator[Visitor]:
    with Visitor(lite.base_url) as visitor:
        yield visitor.start()


@pytest.fixture
def hasty_visitor(hasty: RunningApp) -> Iterator[Visitor]:
    with Visitor(hasty.base_url) as visitor:
        yield visitor.start()


def _told_unavailable(replies: list[dict[str, object]]) -> None:
    assert replies
    assert {reply["author"] for reply in replies} == {"system"}
    text = "".join(str(reply["text"]) for reply in replies)
    assert "できません" in text
    assert "担当者" in text
    choices = replies[-1]["choices"]
    assert isinstance(choices, list)
    assert [choice["value"] for choice in choices] == ["procedure_check", "handoff"]


def _checked_again(app: RunningApp, visitor: Visitor, body: dict[str, str], failed: object) -> None:
    """The answer stays what it was; the next message works; the journal holds everything."""
    heard = len(app.dialogue.turns)
    assert visitor.post(body).json() == failed
    assert len(app.dialogue.turns) == heard, "a failed turn was sent again"
    assert visitor.say("もう一度")[0]["text"] == "「もう一度」ですね。"
    said = [m["text"] for m in visitor.history() if m["author"] == "member"]
    assert said == [body["text"], "もう一度"]
    told = [m["text"] for m in visitor.history() if m["author"] == "bot"][1:]
    assert told == ["「もう一度」ですね。"]


@pytest.mark.parametrize(
    "how",
    ["empty", "wordless", "silent", "late", "broken", "refused", "garbage", "no_json", "odd"],
)
def test_at_once(lite: RunningApp, visitor: Visitor, how: str) -> None:
    lite.dialogue.how = how
    body = text_body("届きません")
    started = time.monotonic()
    answer = visitor.post(body)
    assert answer.status_code == 200
    assert time.monotonic() - started < DEADLINE_S
    _told_unavailable(answer.json()["replies"])
    lite.dialogue.how = "answer"
    _checked_again(lite, visitor, body, answer.json())


@pytest.mark.parametrize("how", ["stall", "drop", "starting"])
def test_after_the_deadline(hasty: RunningApp, hasty_visitor: Visitor, how: str) -> None:
    hasty.dialogue.how = how
    body = text_body("届きません")
    started = time.monotonic()
    answer = hasty_visitor.post(body)
    took = time.monotonic() - started
    assert answer.status_code == 200
    # Long before the dialogue would have ended by itself, however busy the machine.
    assert SHORT_DEADLINE_S * 0.8 < took < STALL_S / 2
    _told_unavailable(answer.json()["replies"])
    # The same turn each time: what it changed, it changed once.
    assert len({turn["turn"] for turn in hasty.dialogue.turns}) == 1
    hasty.dialogue.how = "answer"
    _checked_again(hasty, hasty_visitor, body, answer.json())


def test_nobody_listens(hasty: RunningApp, hasty_visitor: Visitor) -> None:
    hasty.dialogue_goes()
    body = text_body("届きません")
    answer = hasty_visitor.post(body)
    _told_unavailable(answer.json()["replies"])
    assert hasty_visitor.http.get("/readyz").status_code == 503
    assert hasty_visitor.http.get("/healthz").status_code == 200
    hasty.dialogue_comes_back()
    _checked_again(hasty, hasty_visitor, body, answer.json())


def test_a_short_absence_is_not_noticed(lite: RunningApp, visitor: Visitor) -> None:
    visitor.say("はい")
    lite.dialogue.how = "starting"
    import threading

    timer = threading.Timer(0.5, setattr, (lite.dialogue, "how", "answer"))
    timer.start()
    replies = visitor.say("すぐ戻る")
    timer.join()
    assert replies[0]["text"] == "「すぐ戻る」ですね。"


def test_a_conversation_that_is_stuck_goes_on_afresh(lite: RunningApp, visitor: Visitor) -> None:
    lite.dialogue.how = "silent"
    for _ in range(2):
        _told_unavailable(visitor.say("はい"))
    lite.dialogue.how = "answer"
    visitor.say("どうですか")
    before, after = lite.dialogue.turns[0]["conversation"], lite.dialogue.turns[-1]["conversation"]
    assert before != after


def test_the_choices_of_the_apology_work(lite: RunningApp, visitor: Visitor) -> None:
    lite.dialogue.how = "broken"
    [*_, last] = visitor.say("はい")
    lite.dialogue.how = "answer"
    body = {"client_message_id": "0d0c5a1e-7c0b-4a52-9a0e-3a3a5f0b9c01"}
    answer = visitor.post({**body, "choice": last["choices"][0]["id"]})
    assert answer.status_code == 200
    assert lite.dialogue.turns[-1]["intent"] == "procedure_check"


def test_messages_behind_a_slow_one_are_answered_in_order(
    hasty: RunningApp, hasty_visitor: Visitor
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    visitor = hasty_visitor
    hasty.dialogue.how = "stall"
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(visitor.post, text_body("一つ目"))
        hasty.dialogue.wait_for_turns(1)
        second = pool.submit(visitor.post, text_body("二つ目"))
        while len(visitor.history()) < 4:  # it is committed, and waits
            time.sleep(0.02)
        hasty.dialogue.how = "answer"
        _told_unavailable(first.result().json()["replies"])
        assert second.result().json()["replies"][0]["text"] == "「二つ目」ですね。"
    authors = [message["author"] for message in visitor.history()[2:]]
    assert authors[:2] == ["member", "member"]
    assert authors[-1] == "bot"
