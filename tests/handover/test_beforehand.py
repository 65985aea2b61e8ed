"""What goes to the dialogue before its turn: nothing that is said to a person."""

import pytest
from sqlalchemy import delete

from bot.errors import ConversationNotFound
from bot.store.switches import Switches
from bot.store.tables import ConversationRow
from tests.handover.world import AYA, World

ADDRESS = "田中花子と申します。住所は千代田区です"


async def test_words_for_the_bot_go_ahead(world: World) -> None:
    talk = await world.member()
    await world.says(talk, "はい")
    assert world.dialogue.begun == ["はい"]


async def test_words_to_a_person_do_not(world: World) -> None:
    talk = await world.member()
    await world.says(talk, "担当者をお願いします")
    await world.desk.take(talk.id, AYA)
    world.dialogue.begun.clear()
    assert (await world.says(talk, ADDRESS)).replies == []
    assert world.dialogue.begun == [] and len(world.dialogue.heard) == 1


async def test_nor_does_anything_while_the_bot_is_off(world: World) -> None:
    talk = await world.member()
    Switches(world.sessions).set_bot(False, world.clock())
    await world.says(talk, ADDRESS)
    assert world.dialogue.begun == [] and world.dialogue.heard == []


async def test_nor_what_was_answered_before_or_belongs_to_nobody(world: World) -> None:
    talk = await world.member()
    first = await world.pipe.post(talk.id, "00000000-0000-4000-8000-000000000001", ADDRESS)
    again = await world.pipe.post(talk.id, "00000000-0000-4000-8000-000000000001", ADDRESS)
    assert [m.public() for m in again.replies] == [m.public() for m in first.replies]
    assert world.dialogue.begun == [ADDRESS]
    with world.sessions.begin() as session:
        session.execute(delete(ConversationRow))
    with pytest.raises(ConversationNotFound):
        await world.says(talk, "もう一度です")
    assert world.dialogue.begun == [ADDRESS]
