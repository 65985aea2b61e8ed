"""The same message again, many at once, the order of turns: on both kinds of database."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.app.client import Visitor, choice_body, new_id, problem, text_body
from tests.app.serving import RunningApp
from wire.disk import Flushes


@pytest.fixture
def visitor(app: RunningApp) -> Iterator[Visitor]:
    with Visitor(app.base_url) as visitor:
        yield visitor.start()


def test_a_retry_gives_the_same_answer(app: RunningApp, visitor: Visitor) -> None:
    body = text_body("はい")
    first = visitor.post(body).json()
    for _ in range(5):
        assert visitor.post(body).json() == first
    assert app.dialogue.texts() == ["はい"]
    assert len(visitor.history()) == 2 + 1 + len(first["replies"])


def test_a_retried_choice(app: RunningApp, visitor: Visitor) -> None:
    [reply] = visitor.say("ボタン")
    body = choice_body(reply["choices"][1]["id"])
    first = visitor.post(body).json()
    assert visitor.post(body).json() == first
    assert len(app.dialogue.turns) == 2


def test_the_same_id_with_another_body(app: RunningApp, visitor: Visitor) -> None:
    [reply] = visitor.say("ボタン")
    label, choice = reply["choices"][1]["label"], reply["choices"][1]["id"]
    first = visitor.post({"client_message_id": (own := new_id()), "text": "はい"}).json()
    for other in (
        {"text": "いいえ"},
        {"text": "はい。"},
        {"choice": choice},
        {"text": choice},
        {"text": label},
    ):
        document = problem(visitor.post({"client_message_id": own, **other}), 409)
        assert document["type"].endswith("client-message-id-reused")
    assert visitor.post({"client_message_id": own, "text": "はい"}).json() == first
    assert app.dialogue.texts() == ["ボタン", "はい"]


def test_a_choice_again_as_its_own_text(visitor: Visitor) -> None:
    [reply] = visitor.say("ボタン")
    choice = reply["choices"][1]["id"]
    body = choice_body(choice)
    visitor.post(body)
    problem(visitor.post({"client_message_id": body["client_message_id"], "text": choice}), 409)


def test_twenty_deliveries_at_once_are_one_turn(app: RunningApp, visitor: Visitor) -> None:
    app.dialogue.seconds = 0.3
    body = text_body("同時に")
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: visitor.post(body), range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert app.dialogue.texts() == ["同時に"]
    assert len(visitor.history()) == 4


def test_twenty_deliveries_of_which_half_differ(app: RunningApp, visitor: Visitor) -> None:
    own = new_id()
    bodies = [{"client_message_id": own, "text": ("甲", "乙")[n % 2]} for n in range(20)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(visitor.post, bodies))
    counted = sorted(answer.status_code for answer in answers)
    assert counted == [200] * 10 + [409] * 10
    assert len(app.dialogue.turns) == 1


def test_many_messages_at_once_keep_their_order(app: RunningApp, visitor: Visitor) -> None:
    app.dialogue.seconds = 0.02
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda n: visitor.post(text_body(f"{n}番")), range(30)))
    assert {answer.status_code for answer in answers} == {200}
    journal = visitor.history()
    assert [message["seq"] for message in journal] == list(range(1, 2 + 60 + 1))
    committed = [message["text"] for message in journal if message["author"] == "member"]
    # One turn at a time, in the order in which the messages were committed.
    assert app.dialogue.texts() == committed
    for answer in answers:
        told = answer.json()
        assert told["replies"][0]["text"] == f"「{told['accepted']['text']}」ですね。"
    answered = [m["text"] for m in journal if m["author"] == "bot"][1:]
    assert answered == [f"「{text}」ですね。" for text in committed]


def test_conversations_do_not_wait_for_each_other(app: RunningApp) -> None:
    app.dialogue.together = 8  # it answers none before it has heard all
    visitors = [Visitor(app.base_url).start() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda visitor: visitor.say("はい"), visitors))
    for visitor in visitors:
        visitor.http.close()
    assert [[reply["author"] for reply in replies] for replies in told] == [["bot"]] * 8


def test_a_client_that_hangs_up_is_answered_all_the_same(app: RunningApp, visitor: Visitor) -> None:
    import httpx

    app.dialogue.seconds = 0.5
    body = text_body("切れた")
    with pytest.raises(httpx.ReadTimeout):
        hurried = httpx.Timeout(30, read=0.15)  # it only waits too short for the answer
        visitor.http.post(f"{visitor.path}/messages", json=body, timeout=hurried)
    app.dialogue.seconds = 0
    told = visitor.post(body).json()
    assert told["replies"][0]["text"] == "「切れた」ですね。"
    assert app.dialogue.texts() == ["切れた"]
    assert len(visitor.history()) == 4


def test_each_turn_has_an_id_of_its_own(app: RunningApp, visitor: Visitor) -> None:
    for _ in range(3):
        visitor.say("はい")
    turns = [turn["turn"] for turn in app.dialogue.turns]
    assert len(set(turns)) == 3
    assert len({turn["conversation"] for turn in app.dialogue.turns}) == 1


def test_a_retry_too_is_told_only_what_the_disk_has(
    lite: RunningApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(_: Flushes) -> asyncio.Future[None]:
        raise OSError("the disk is failing")

    body = text_body("はい")
    with Visitor(lite.base_url) as visitor:
        first = visitor.start().post(body)
        with monkeypatch.context() as broken:
            broken.setattr(Flushes, "begun", refuses)
            assert visitor.post(body).status_code == 503
        assert visitor.post(body).json() == first.json()
    assert lite.dialogue.texts() == ["はい"]
