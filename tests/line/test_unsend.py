"""A message that is taken back: out of the journal, the dialogue and the open consoles."""

import asyncio
from datetime import timedelta

from sqlalchemy import select

from bot.channels.line.tables import LineEventRow
from bot.channels.line.words import words
from bot.dialogue import DialogueFailure
from bot.store.handover_tables import DeskEventRow
from bot.store.tables import MessageRow, TurnRow
from tests.line.world import World


async def test_unsend_makes_the_stored_text_unreadable(line_on_both: World) -> None:
    line = line_on_both
    event = line.text("取り消したい秘密の言葉")
    await line.say(event)
    await line.say(line.event("unsend", unsend={"messageId": event["message"]["id"]}))
    with line.sessions() as session:
        texts = list(session.scalars(select(MessageRow.text).where(MessageRow.author == "member")))
        inputs = [str(given) for given in session.scalars(select(TurnRow.input))]
        [turn_id] = session.scalars(select(TurnRow.id))
        [told] = session.scalars(select(DeskEventRow).where(DeskEventRow.kind == "unsaid"))
        [seq] = session.scalars(select(MessageRow.seq).where(MessageRow.author == "member"))
    assert texts == [words()["unsent"]]
    assert all("秘密" not in given for given in inputs)
    talk = line.dialogue.requests[0].dialogue_id
    assert line.dialogue.forgotten == [([talk], turn_id)]
    assert (told.conversation_id, told.seq) == (talk.partition("~")[0], seq), "open consoles"


async def test_unsend_waits_for_a_dialogue_that_is_away(line: World) -> None:
    event = line.text("取り消したい言葉")
    await line.say(event)
    line.dialogue.crash = DialogueFailure("slow")
    await line.post(line.event("unsend", unsend={"messageId": event["message"]["id"]}))
    await asyncio.sleep(0.5)
    line.dialogue.crash = None
    line.clock.ahead += timedelta(seconds=5)
    await line.idle()
    assert len(line.dialogue.forgotten) == 1 and "failed" not in line.deliveries()


async def test_unsend_before_the_message_is_read(line: World) -> None:
    event = line.text("まだ読まれていない言葉")
    gone = line.event("unsend", unsend={"messageId": event["message"]["id"]})
    await line.post(gone)
    assert await line.say(event) == []
    assert line.dialogue.requests == []


async def test_unsend_while_the_message_waits_empties_the_store(line: World) -> None:
    event = line.text("まだ待っている言葉")
    gone = line.event("unsend", unsend={"messageId": event["message"]["id"]})
    line.channel.settle_s = 600
    await line.post(event)
    await line.post(gone)
    with line.sessions() as session:
        row = session.get_one(LineEventRow, event["webhookEventId"])
        assert (row.body, row.done_at) == ({}, None)
    line.clock.ahead += timedelta(seconds=601)
    await line.idle()
    assert line.dialogue.requests == [] and line.platform.texts(line.user) == []


async def test_unsend_is_heard_in_standby_too(line: World) -> None:
    event = line.text("取り消したい秘密の言葉")
    await line.say(event)
    unsend = {"messageId": event["message"]["id"]}
    assert await line.say(line.event("unsend", unsend=unsend, mode="standby")) == []
    with line.sessions() as session:
        said = select(MessageRow.text).where(MessageRow.author == "member")
        assert session.scalars(said).all() == [words()["unsent"]]
    await line.say(line.event("unfollow", mode="standby"))
    assert line.channel.store.source(line.user).blocked
