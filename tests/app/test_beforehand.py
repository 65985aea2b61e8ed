"""A lone member's text goes to the dialogue while it is being stored; nothing happens by it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.app.client import Visitor, new_id, text_body
from tests.app.serving import RunningApp


@pytest.fixture
def member(lite: RunningApp) -> Iterator[Visitor]:
    """Somebody whose first text has opened the line to the dialogue."""
    with Visitor(lite.base_url) as visitor:
        visitor.start().say("こんにちは")
        yield visitor


def test_the_text_is_there_before_the_turn(lite: RunningApp, member: Visitor) -> None:
    assert lite.dialogue.expected == []
    [reply] = member.say("／請求は　いつからですか")
    assert reply["text"] == "「請求は いつからですか」ですね。"
    assert lite.dialogue.expected == ["請求は いつからですか"]
    assert lite.dialogue.texts() == ["こんにちは", "請求は いつからですか"]


@pytest.mark.parametrize(
    "words",
    [
        "123456",
        "番号は０００１０６です",
        "k.tanaka＠example.jp",
        "コードが届かない",
    ],
)
def test_what_may_be_the_apps_alone_is_not_sent_beforehand(
    lite: RunningApp, member: Visitor, words: str
) -> None:
    member.say(words)
    assert lite.dialogue.expected == []


def test_a_pressed_button_needs_no_understanding(lite: RunningApp, member: Visitor) -> None:
    choice = member.history()[1]["choices"][0]["id"]
    body = {"client_message_id": new_id(), "choice": choice}
    assert member.post(body).status_code == 200
    assert lite.dialogue.expected == []


def test_what_comes_to_no_turn_is_given_up(lite: RunningApp, member: Visitor) -> None:
    body = text_body("はい")
    assert member.post(body).status_code == 200
    assert member.post(body | {"text": "いいえ"}).status_code == 409
    assert member.post(body).status_code == 200  # again: answered from the journal
    assert member.say("次の質問です")[0]["text"] == "「次の質問です」ですね。"
    assert lite.dialogue.texts() == ["こんにちは", "はい", "次の質問です"]
    assert lite.dialogue.expected[0] == "はい"


def test_many_at_once_each_get_their_own(lite: RunningApp, member: Visitor) -> None:
    visitors = [Visitor(lite.base_url).start() for _ in range(6)]

    def talk(number: int) -> None:
        for turn in range(5):
            words = f"{'あいうえおか'[number]}さんの{'かきくけこ'[turn]}"
            assert visitors[number].say(words)[0]["text"] == f"「{words}」ですね。"

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(talk, range(6)))
    assert len(lite.dialogue.turns) == 31
    for visitor in visitors:
        visitor.http.close()
