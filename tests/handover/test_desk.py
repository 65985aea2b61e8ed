"""Taking over, answering, giving back: who may, what the member reads, what consoles hear."""

import uuid

import pytest

from bot.errors import ConversationNotFound, InvalidRequest, MessageConflict
from bot.handover.errors import NotAllowed, NotYours, OwnedByAnother, Stale
from bot.handover.words import said
from bot.live import STAFF
from bot.locks import OwnLocks
from tests.handover.world import AYA, BEN, CHIEF, World


async def test_a_request_is_made_with_the_replies_and_waits(world: World) -> None:
    talk = await world.member()
    await world.says(talk, "担当者をお願いします")
    request = world.request(talk)
    assert (request.state, request.reason, request.topic) == ("waiting", "asked", "handoff")
    inbox = await world.desk.inbox(AYA)
    [item] = inbox.waiting
    assert (item.conversation_id, item.state) == (talk.id, "waiting")
    assert item.waiting_since == request.requested_at
    assert (item.last_author, item.member_text) == ("bot", "担当者をお願いします")
    assert [e.kind for e in await world.desk.events(0)] == ["requested"]


async def test_nobody_is_promised_where_no_console_is_used(world: World) -> None:
    world.parts.requests.in_use = lambda: False
    talk = await world.member()
    await world.says(talk, "担当者をお願いします")
    assert world.request(talk).state == "none"
    assert (await world.desk.inbox(AYA)).waiting == []


async def test_a_clerk_on_the_line_is_handed_nothing(world: World) -> None:
    talk = await world.member("staff")
    await world.says(talk, "担当者をお願いします")
    assert world.request(talk).state == "none"
    with pytest.raises(ConversationNotFound):
        await world.desk.take(talk.id, AYA)


async def test_a_person_speaks_and_the_bot_does_not(world: World) -> None:
    talk = await world.member()
    button = (await world.says(talk, "はい")).replies[0].draft.choices[0].id
    await world.says(talk, "担当者をお願いします")
    await world.desk.take(talk.id, AYA)
    heard = len(world.dialogue.heard)
    assert (await world.says(talk, "もしもし")).replies == []
    assert (await world.presses(talk, button)).replies == []
    await world.answers(talk, AYA, "相田です。")
    assert len(world.dialogue.heard) == heard, "Rasa heard what was said to a person"
    assert world.said(talk)[-4:] == [
        ("system", said("taken", name="相田")),
        ("member", "もしもし"),
        ("member", "請求はいつから"),
        ("staff", "相田です。"),
    ]
    await world.desk.give_back(talk.id, AYA)
    assert (await world.says(talk, "ありがとう")).replies[0].draft.author == "bot"
    assert world.dialogue.heard[-1].dialogue_id == world.dialogue.heard[0].dialogue_id


async def test_nobody_ends_a_talk_over_words_that_they_have_not_read(world: World) -> None:
    talk = await world.member()
    await world.says(talk, "担当者をお願いします")
    await world.desk.take(talk.id, AYA)
    shown = (await world.desk.talk(talk.id)).item.last_seq
    await world.answers(talk, AYA, "終了してよろしいでしょうか。")
    await world.says(talk, "もう一つ質問があります")
    for end in (world.desk.close, world.desk.give_back):
        with pytest.raises(Stale, match="新しいメッセージ"):
            await end(talk.id, AYA, shown)
    assert world.request(talk).unanswered_since is not None
    shown = (await world.desk.talk(talk.id)).item.last_seq
    await world.answers(talk, AYA, "どうぞ。")
    await world.desk.close(talk.id, AYA, shown)
    assert world.request(talk).state == "closed"


async def test_the_same_message_again_is_silent_too(world: World) -> None:
    talk = await world.member()
    await world.desk.take(talk.id, AYA)
    message_id = str(uuid.uuid4())
    first = await world.pipe.post(talk.id, message_id, "もしもし")
    await world.desk.give_back(talk.id, AYA)
    again = await world.pipe.post(talk.id, message_id, "もしもし")
    assert (again.accepted.id, again.replies) == (first.accepted.id, [])


async def test_an_answer_in_the_making_is_withheld(world: World) -> None:
    import asyncio

    talk = await world.member()
    world.dialogue.held = asyncio.Event()
    turn = asyncio.create_task(world.says(talk, "質問です"))
    while not world.dialogue.heard:
        await asyncio.sleep(0.01)
    await world.desk.take(talk.id, AYA)
    await world.desk.give_back(talk.id, AYA)
    world.dialogue.held.set()
    assert (await turn).replies == []
    assert "bot" not in {author for author, _ in world.said(talk)}


async def test_a_turn_from_before_a_crash_is_not_answered_by_the_bot(world: World) -> None:
    import asyncio

    talk = await world.member()
    world.dialogue.held = asyncio.Event()
    turn = asyncio.create_task(world.says(talk, "質問です"))
    while not world.dialogue.heard:
        await asyncio.sleep(0.01)
    await world.desk.take(talk.id, AYA)
    heard = len(world.dialogue.heard)
    world.pipe._answering._locks = OwnLocks()  # another process, after a crash of this one
    await world.pipe.recover()
    assert len(world.dialogue.heard) == heard
    world.dialogue.held.set()
    assert (await turn).replies == []
    assert world.journal.conversations_with_pending_turns() == []


async def test_two_grab_and_one_is_told_who(world: World) -> None:
    talk = await world.member()
    await world.desk.take(talk.id, AYA)
    again = await world.desk.take(talk.id, AYA)
    with pytest.raises(OwnedByAnother, match="相田") as refused:
        await world.desk.take(talk.id, BEN)
    assert (refused.value.owner_id, refused.value.owner_name) == (AYA.id, "相田")
    assert again.item.owner_name == "相田"
    assert [text for _, text in world.said(talk)] == [said("taken", name="相田")]


async def test_only_the_owner_speaks_gives_back_and_closes(world: World) -> None:
    talk = await world.member()
    with pytest.raises(NotYours):
        await world.answers(talk, AYA, "こんにちは")
    with pytest.raises(NotYours):
        await world.desk.give_back(talk.id, AYA)
    await world.desk.take(talk.id, AYA)
    for act in (
        world.answers(talk, BEN, "横から失礼します"),
        world.desk.give_back(talk.id, BEN),
        world.desk.close(talk.id, BEN),
    ):
        with pytest.raises(OwnedByAnother):
            await act
    assert len(world.said(talk)) == 1


async def test_taking_from_a_colleague(world: World) -> None:
    talk = await world.member()
    await world.desk.take(talk.id, AYA)
    await world.desk.heartbeat(AYA)
    with pytest.raises(OwnedByAnother):
        await world.desk.take(talk.id, BEN, from_owner=AYA.id)
    await world.desk.take(talk.id, CHIEF, from_owner=AYA.id)
    with pytest.raises(OwnedByAnother, match="千葉"):
        await world.answers(talk, AYA, "まだ私です")
    await world.desk.take(talk.id, BEN, from_owner=CHIEF.id)  # whose console is not open
    assert (await world.desk.talk(talk.id)).item.owner_id == BEN.id


async def test_words_are_kept_once_and_checked(world: World) -> None:
    talk = await world.member()
    await world.desk.take(talk.id, AYA)
    key = str(uuid.uuid4())
    one = await world.desk.say(talk.id, AYA, key, " 03-1234-5678 です。PW: abc12345 ")
    assert await world.desk.say(talk.id, AYA, key, "03-1234-5678 です。PW: abc12345") == one
    assert one.draft.text == "03-1234-5678 です。PW: 〔パスワード〕"
    with pytest.raises(MessageConflict):
        await world.desk.say(talk.id, AYA, key, "別の言葉")
    for text in ("", " \u3000 ", "あ" * 1001):
        with pytest.raises(InvalidRequest):
            await world.answers(talk, AYA, text)
    assert [author for author, _ in world.said(talk)] == ["system", "staff"]


async def test_closing_a_request_that_was_answered_by_telephone(world: World) -> None:
    talk = await world.member()
    await world.says(talk, "担当者をお願いします")
    await world.desk.close(talk.id, AYA)
    assert world.request(talk).state == "answered"
    assert world.said(talk)[-1] == ("system", said("answered"))
    with pytest.raises(NotYours):
        await world.desk.close(talk.id, AYA)
    await world.says(talk, "担当者をお願いします")
    assert world.request(talk).state == "waiting", "who asks again waits again"


async def test_unanswered_words_rise(world: World) -> None:
    talks = [await world.member() for _ in range(3)]
    for talk in talks:
        await world.desk.take(talk.id, AYA)
        await world.answers(talk, AYA, "どうされましたか。")
    await world.says(talks[2], "はい")
    await world.says(talks[1], "はい")
    mine = (await world.desk.inbox(AYA)).mine
    assert [i.conversation_id for i in mine][:2] == [talks[2].id, talks[1].id]
    await world.answers(talks[2], AYA, "承りました。")
    mine = (await world.desk.inbox(AYA)).mine
    assert mine[0].conversation_id == talks[1].id
    assert (await world.desk.inbox(BEN)).others == mine


async def test_a_console_that_slept_reads_what_it_missed(world: World) -> None:
    talk = await world.member()
    await world.says(talk, "担当者をお願いします")
    seen = (await world.desk.inbox(AYA)).event_id
    with world.live.listening(STAFF) as notice:
        await world.desk.take(talk.id, AYA)
        await world.says(talk, "もしもし")
        await world.answers(talk, AYA, "はい")
        await world.desk.add_note(talk.id, BEN, "折り返しの約束あり")
        await world.desk.close(talk.id, AYA)
        assert notice.is_set()
    missed = await world.desk.events(seen)
    assert [e.kind for e in missed] == ["taken", "message", "message", "note", "closed"]
    assert [e.id for e in missed] == sorted({e.id for e in missed})
    assert (await world.desk.events(missed[-1].id)) == []
    assert [n.text for n in (await world.desk.talk(talk.id)).notes] == ["折り返しの約束あり"]


async def test_typing_is_shown_of_the_owner_only(world: World) -> None:
    talk = await world.member()
    await world.desk.take(talk.id, AYA)
    with world.live.listening(talk.id) as notice:
        await world.desk.typing(talk.id, BEN)
        assert notice.taken_signals() == []
        await world.desk.typing(talk.id, AYA)
        await world.desk.typing(talk.id, AYA)
        assert notice.taken_signals() == [("typing", "相田")]
        assert notice.taken_signals() == []


async def test_saved_answers_are_ones_own_or_everybodys(world: World) -> None:
    own = await world.desk.save_answer(AYA, "折り返し", "のちほどお電話します。")
    shared = await world.desk.save_answer(CHIEF, "受付時間", "9時から17時です。", shared=True)
    assert [a.id for a in await world.desk.saved_answers(AYA)] == [shared.id, own.id]
    assert [a.id for a in await world.desk.saved_answers(BEN)] == [shared.id]
    for act in (
        world.desk.save_answer(AYA, "x", "y", shared=True),
        world.desk.save_answer(AYA, "x", "y", answer_id=shared.id),
        world.desk.delete_answer(AYA, shared.id),
    ):
        with pytest.raises(NotAllowed):
            await act
    with pytest.raises(InvalidRequest):
        await world.desk.delete_answer(BEN, own.id)
    await world.desk.delete_answer(AYA, own.id)
    assert await world.desk.saved_answers(AYA) == [shared]


async def test_what_the_bot_cannot_answer_reaches_a_person(world: World) -> None:
    from bot.dialogue import DialogueFailure, TurnRequest
    from bot.store.switches import Switches

    def away(_: TurnRequest) -> list[dict[str, object]]:
        raise DialogueFailure("slow")

    world.dialogue.script = away
    failed, off = await world.member(), await world.member()
    await world.says(failed, "届きません")
    assert world.request(failed).reason == "failed"
    Switches(world.sessions).set_bot(False, world.clock())
    world.pipe._answering._switches = Switches(world.sessions)
    await world.says(off, "届きません")
    assert world.request(off).reason == "off"
    inbox = await world.desk.inbox(AYA)
    assert {i.conversation_id for i in inbox.waiting} == {failed.id, off.id}


async def test_who_asked_while_the_dialogue_is_away_is_put_through(world: World) -> None:
    from bot.dialogue import DialogueFailure, TurnRequest
    from bot.messages import Choice

    def away(_: TurnRequest) -> list[dict[str, object]]:
        raise DialogueFailure("slow")

    world.dialogue.script = away
    talk = await world.member()
    press = Choice("担当者に聞く", "handoff", "/handoff")
    exchange = await world.pipe.press(talk, str(uuid.uuid4()), press)
    assert [m.draft.text for m in exchange.replies] == [said("noted_without_bot")]
    assert world.request(talk).state == "waiting"
