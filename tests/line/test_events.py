"""Every kind of event that a member can cause."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.channels.line.postbacks import postback_id
from bot.channels.line.reading import storable
from bot.channels.line.tables import LineEventRow
from bot.channels.line.words import words
from bot.store.tables import ConversationRow
from tests.line.world import World


async def test_a_text_is_answered_by_reply_once(line_on_both: World) -> None:
    line = line_on_both
    event = line.text("マイページに入れません")
    again = {**event, "deliveryContext": {"isRedelivery": True}}
    said = await line.say(event, again, event)
    assert len(said) == 1 and "お答え：マイページに入れません" in said[0]
    assert len(line.dialogue.requests) == 1
    assert line.deliveries() == {"replied": 1}


async def test_the_notice_comes_before_the_first_answer_and_not_again(line: World) -> None:
    [first] = await line.say(line.text("一つ目"))
    [second] = await line.say(line.text("二つ目"))
    assert "パスワード" in first and "パスワード" not in second


async def test_follow_welcomes_and_unfollow_is_silent(line: World) -> None:
    said = await line.say(line.event("follow", follow={"isUnblocked": False}))
    whole = "\n".join(said)
    assert "友だち追加" in whole and "1. 申し込んだのに" in whole and "連携" in whole
    assert await line.say(line.event("unfollow")) == []


@pytest.mark.parametrize(
    "kind", ["sticker", "image", "video", "audio", "file", "location", "somethingNew"]
)
async def test_each_message_kind_gets_a_sentence_and_choices(line: World, kind: str) -> None:
    said = await line.say(line.event(message={"type": kind, "id": "77"}))
    expected = words().get(kind, words()["other_message"])
    assert expected.strip().splitlines()[0] in "\n".join(said)
    last = line.platform.bodies("reply")[-1]["messages"][-1]
    assert len(last["quickReply"]["items"]) == 6
    assert line.dialogue.requests == []


async def test_a_choice_by_button_by_number_and_by_label(line: World) -> None:
    await line.say(line.event("follow"))
    items = line.platform.bodies("reply")[-1]["messages"][-1]["quickReply"]["items"]
    data = items[0]["action"]["data"]
    assert "procedure" not in data
    await line.say(line.event("postback", postback={"data": data}))
    for words_for_two in ("2", "２", "二", "②", "2番", "（2）"):
        await line.say(line.text(words_for_two))
    await line.say(line.text("メールが届かない"))
    payloads = [request.payload for request in line.dialogue.requests]
    assert payloads == ["/procedure_check"] + ["/register_web"] * 6 + ["/mail_missing"]


async def test_a_number_that_was_not_offered_is_asked_again(line: World) -> None:
    await line.say(line.event("follow"))
    [said] = await line.say(line.text("９番"))
    assert "1から6まで" in said and "6. 担当者に聞く" in said
    assert line.dialogue.requests == []
    [last] = line.platform.bodies("reply")[-1]["messages"]
    assert len(last["quickReply"]["items"]) == 6
    await line.say(line.text("2"))
    assert line.dialogue.requests[-1].payload == "/register_web"


async def test_a_number_asked_again_belongs_to_the_same_question(line: World) -> None:
    buttons = [
        {"title": title, "payload": f'/answer{{"question":"url_clicked","value":"{title}"}}'}
        for title in ("押した", "まだ")
    ]
    line.dialogue.script = lambda request: [
        {"text": "押されましたか", "buttons": buttons, "custom": {"question": "url_clicked"}}
    ]
    await line.say(line.text("届きました"))
    await line.say(line.text("3"))
    assert len(line.dialogue.requests) == 1
    await line.say(line.text("2"))
    assert line.dialogue.requests[-1].payload == buttons[1]["payload"]


async def test_a_number_is_no_choice_where_a_date_is_asked(line: World) -> None:
    buttons = [{"title": "分からない", "payload": '/answer{"question":"applied_on","value":"x"}'}]
    line.dialogue.script = lambda request: [
        {"text": "いつですか", "buttons": buttons, "custom": {"question": "applied_on"}}
    ]
    [asked] = await line.say(line.text("申し込みました"))
    assert "1. " not in asked and "・分からない" in asked
    await line.say(line.text("1"))
    assert line.dialogue.requests[-1].payload is None


async def test_menu_postbacks_are_the_menus_own(line: World) -> None:
    own = postback_id("mail_missing")
    assert "mail" not in own
    for data in (own, "menu:mail_missing"):  # menus of the time before are still there
        await line.say(line.event("postback", postback={"data": data}))
        assert line.dialogue.requests.pop().payload == "/mail_missing"
    for data in (
        "menu:helpful",
        "menu:restart",
        "menu:session_start",
        "/restart",
        "menu:",
        "x" * 300,
        "",
    ):
        [said] = await line.say(line.event("postback", postback={"data": data}))
        assert "はじめからお聞きします" in said
    assert line.dialogue.requests == []


async def test_a_button_of_another_user_is_refused(line: World) -> None:
    await line.say(line.event("follow"))
    items = line.platform.bodies("reply")[-1]["messages"][-1]["quickReply"]["items"]
    data = items[0]["action"]["data"]
    line.user = "U" + "9" * 32
    said = await line.say(line.event("postback", postback={"data": data}))
    assert "はじめからお聞きします" in "".join(said)
    assert line.dialogue.requests == []


@pytest.mark.parametrize("kind", ["group", "room"])
async def test_a_group_is_told_once_and_nothing_of_it_is_kept(line: World, kind: str) -> None:
    source = {"type": kind, f"{kind}Id": "C" + "1" * 32, "userId": line.user}
    said = [line.event("join", source=source)]
    said += [line.text(f"登録番号は100001です{n}", source=source) for n in range(3)]
    await line.say(*said)
    assert len(line.platform.bodies("reply")) == 1
    [message] = line.platform.bodies("reply")[0]["messages"]
    assert message["text"] == words()["group"].strip()
    assert line.dialogue.requests == []
    with line.sessions() as session:
        assert session.scalars(select(ConversationRow)).all() == []


async def test_standby_sends_nothing(line: World) -> None:
    assert await line.say(line.text("こんにちは", mode="standby")) == []
    assert line.platform.requests == [] and line.deliveries() == {"standby": 1}


async def test_unknown_events_and_fields_are_tolerated(line: World) -> None:
    odd = [
        {"type": "newKind", "futureField": [1, 2]},
        {"type": 5},
        "not an event",
        None,
        line.event("beacon", beacon={"hwid": "x"}),
        line.event("membership", membership={"type": "joined"}),
        line.event("accountLink", source=None, link={"result": "failed"}, replyToken=None),
        line.text("ふつうの言葉", newField={"deep": [{}]}, mode="newMode"),
        line.event(message="no mapping"),
        line.event(message={"type": "text"}),
        line.event("postback"),
        line.event("unsend"),
    ]
    raw, headers = line.signed(odd)  # type: ignore[arg-type]
    answer = await line.client.post("/line/webhook", content=raw, headers=headers)
    assert answer.status_code == 200
    await line.idle()
    # A mode that we do not know is treated as standby: never send where we may not.
    assert line.dialogue.requests == []


async def test_silence_begins_a_new_conversation(line: World) -> None:
    await line.say(line.text("一つ目"))
    await line.say(line.text("二つ目"))
    assert len({request.dialogue_id for request in line.dialogue.requests}) == 1
    await line.say(line.event("follow"))
    items = line.platform.bodies("reply")[-1]["messages"][-1]["quickReply"]["items"]
    line.clock.ahead += timedelta(hours=25)
    old = line.event("postback", postback={"data": items[0]["action"]["data"]})
    assert "はじめからお聞きします" in "".join(await line.say(old))
    await line.say(line.text("三つ目"))
    assert len({request.dialogue_id for request in line.dialogue.requests}) == 2


@pytest.mark.parametrize(
    ("length", "silent", "same"),
    [
        (200, timedelta(minutes=50), True),
        (200, timedelta(minutes=70), False),
        (190, timedelta(minutes=70), True),
        (1000, timedelta(0), False),
    ],
)
async def test_who_writes_for_years_has_many_conversations(
    line: World, length: int, silent: timedelta, same: bool
) -> None:
    await line.say(line.text("一つ目"))
    with line.sessions.begin() as session:
        session.execute(update(ConversationRow).values(last_seq=length))
    line.clock.ahead += silent
    await line.say(line.text("二つ目"))
    first, second = (request.dialogue_id for request in line.dialogue.requests)
    assert (first == second) is same


async def test_events_are_answered_in_the_order_of_their_timestamps(line: World) -> None:
    line.channel.settle_s = 600
    now = int(line.clock.seconds() * 1000)
    events = [line.text(f"{n}番目の質問です", timestamp=now + n) for n in range(10)]
    for event in reversed(events):
        await line.post(event)
    line.clock.ahead += timedelta(seconds=601)
    await line.idle()
    asked = [request.text for request in line.dialogue.requests]
    assert asked == [f"{n}番目の質問です" for n in range(10)]


async def test_loading_is_shown_where_an_answer_takes_longer(
    line: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.line.loading._AFTER_S", 0.1)
    line.dialogue.held = asyncio.Event()
    await line.post(line.text("ゆっくり"))
    await line.until(lambda: line.platform.bodies("loading/start"))
    line.dialogue.held.set()
    await line.idle()
    assert line.platform.bodies("loading/start") == [{"chatId": line.user, "loadingSeconds": 20}]
    monkeypatch.setattr("bot.channels.line.loading._AFTER_S", 600.0)
    await line.say(line.text("すぐに"))
    assert len(line.platform.bodies("loading/start")) == 1


async def test_a_long_message_and_an_empty_one_are_answered(line: World) -> None:
    assert "1,000文字" in "".join(await line.say(line.text("あ" * 4900)))
    assert words()["other_message"][:10] in "".join(await line.say(line.text("\u200b\u200b")))


async def test_waiting_events_hold_masked_words_and_done_ones_none(line: World) -> None:
    kept = storable("パスワードはabc12345、a@example.jp、4111 1111 1111 1111、コードは1234 5678")
    assert "abc12345" not in kept and "example" not in kept and "4111" not in kept
    assert "1234 5678" in kept
    await line.say(line.text("覚えておかない言葉"))
    with line.sessions() as session:
        assert list(session.scalars(select(LineEventRow.body))) == [{}]
