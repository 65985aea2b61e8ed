"""「役に立ちましたか」 on LINE: asked after an advice and at the end, kept as on the web."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.channels.line.postbacks import HELPFUL, NOT_HELPFUL, postback_id
from bot.channels.line.words import words
from bot.dialogue import TurnRequest
from bot.store.tables import FeedbackRow
from tests.line.world import World

Json = dict[str, Any]
ASK = words()["feedback"]["ask"][:14]


def _advise(request: TurnRequest) -> list[Json]:
    """An advice for 「入れない」, a farewell for 「さようなら」, a question for 「何から」."""
    if "入れない" in request.text:
        return [{"text": "2営業日お待ちください。", "outcome": "wait_opening"}]
    if "さようなら" in request.text:
        return [{"text": "ありがとうございました。", "custom": {"topic": "goodbye"}}]
    buttons = [{"title": "はい", "payload": '/answer{"question":"opening_mail","value":"yes"}'}]
    custom = {"question": "opening_mail"}
    return [
        {"text": "お待ちください。", "outcome": "wait_opening"},
        {"text": "メールは届きましたか。", "buttons": buttons, "custom": custom},
    ]


def _kept(line: World) -> list[tuple[str, bool]]:
    with line.sessions() as session:
        rows = session.execute(select(FeedbackRow.conversation_id, FeedbackRow.helpful))
        return [(str(talk), bool(helpful)) for talk, helpful in rows]


def _quick(line: World) -> dict[str, str]:
    items = line.platform.bodies("reply")[-1]["messages"][-1].get("quickReply", {"items": []})
    return {item["action"]["label"]: item["action"]["data"] for item in items["items"]}


async def test_after_the_first_advice_and_at_the_end(line: World) -> None:
    line.dialogue.script = _advise
    assert ASK not in "".join(await line.say(line.text("何からですか")))
    assert ASK not in "".join(await line.say(line.text("入れないです")))  # advised above already
    assert ASK in "".join(await line.say(line.text("さようなら")))
    line.user = "U" + "7" * 32
    assert ASK in "".join(await line.say(line.text("入れないです")))
    assert _quick(line) == {
        "役に立った": postback_id(HELPFUL),
        "役に立たなかった": postback_id(NOT_HELPFUL),
    }
    assert ASK not in "".join(await line.say(line.text("まだ入れない")))


@pytest.mark.parametrize(("label", "helpful"), [("役に立った", True), ("役に立たなかった", False)])
async def test_pressed_and_typed(line_on_both: World, label: str, helpful: bool) -> None:
    line = line_on_both
    line.dialogue.script = _advise
    await line.say(line.text("入れない"))
    talk = line.dialogue.requests[-1].dialogue_id.partition("~")[0]
    pressed = line.event("postback", postback={"data": _quick(line)[label]})
    said = "".join(await line.say(pressed, pressed))
    assert "ご回答ありがとうございます" in said
    assert list(_quick(line)) == ([] if helpful else ["担当者に聞く"])
    assert _kept(line) == [(talk, helpful)]
    await line.say(line.text(label))
    assert _kept(line) == [(talk, helpful)] * 2
    assert len(line.dialogue.requests) == 1
    assert ASK not in "".join(await line.say(line.text("さようなら")))


async def test_it_counts_for_the_talk_that_was(line: World) -> None:
    line.dialogue.script = _advise
    await line.say(line.text("入れない"))
    talk = line.dialogue.requests[-1].dialogue_id.partition("~")[0]
    line.clock.ahead += timedelta(hours=30)
    await line.say(line.event("postback", postback={"data": postback_id(HELPFUL)}))
    assert _kept(line) == [(talk, True)]
