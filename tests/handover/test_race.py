"""The lock under fire: whoever speaks owns the conversation at that place of the journal."""

import asyncio
import random
from contextlib import suppress

from sqlalchemy import func, select

from bot.errors import NaviError
from bot.handover.errors import NotYours, OwnedByAnother
from bot.handover.words import said
from bot.messages import Message
from bot.staff.members import StaffMember
from bot.store.records import Conversation
from bot.store.tables import ConversationRow, TurnRow
from tests.handover.world import AYA, BEN, World

_TALKS, _MESSAGES = 4, 210
_PEOPLE = {person.name: person for person in (AYA, BEN)}


async def test_nobody_speaks_from_the_wrong_side(world: World) -> None:
    world.dialogue.slowest_s = 0.02
    talks = [await world.member() for _ in range(_TALKS)]
    first = {
        talk.id: (await world.says(talk, "はい")).replies[0].draft.choices[0].id for talk in talks
    }
    over = asyncio.Event()
    agents = [
        asyncio.create_task(_agent(world, talk, person, over))
        for talk in talks
        for person in (AYA, BEN)
    ]
    await asyncio.gather(*(_member(world, talk, first[talk.id]) for talk in talks))
    over.set()
    refused = sum(await asyncio.gather(*agents))
    messages = [m for talk in talks for m in world.journal.messages(talk.id, 0, most=100_000)]
    assert len(messages) >= 1_000
    for talk in talks:
        _check(world, talk)
    # The race was one: each side spoke, was refused, and was held back.
    assert refused > 0
    assert {"member", "bot", "staff", "system"} == {m.draft.author for m in messages}
    with world.sessions() as session:
        rows = session.execute(select(TurnRow.status, func.count()).group_by(TurnRow.status))
        statuses = {status: count for status, count in rows}
    assert set(statuses) == {"done", "withheld"}
    assert statuses["withheld"] > 20


async def _member(world: World, talk: Conversation, button: str) -> None:
    async def send(n: int) -> None:
        await asyncio.sleep(random.uniform(0, 0.01))
        if n % 3:
            await world.says(talk, f"質問{n}")
        else:
            await world.presses(talk, button)

    for start in range(0, _MESSAGES, 3):
        await asyncio.gather(*(send(n) for n in range(start, start + 3)))


async def _agent(world: World, talk: Conversation, person: StaffMember, over: asyncio.Event) -> int:
    """Grabs, speaks (owned or not), gives back, until the members are done; counts refusals."""
    refused = 0
    while not over.is_set():
        for act in (
            world.desk.take(talk.id, person),
            world.answers(talk, person, f"{person.name}です。"),
            world.answers(talk, person, "もう一言です。"),
            world.desk.give_back(talk.id, person),
            world.answers(talk, person, "返したあとの一言です。"),
        ):
            try:
                await act
            except (OwnedByAnother, NotYours):
                refused += 1
            await asyncio.sleep(random.uniform(0.02, 0.1))
    with suppress(NaviError):
        await world.desk.give_back(talk.id, person)
    return refused


def _check(world: World, talk: Conversation) -> None:
    """Walk the journal: take-overs and returns stand in it, in the transaction that made them."""
    taken = {said("taken", name=name): person for name, person in _PEOPLE.items()}
    owner: StaffMember | None = None
    for message in world.journal.messages(talk.id, 0, most=100_000):
        text, author = message.draft.text, message.draft.author
        if text in taken:
            assert owner is None, f"taken twice at {message.seq}"
            owner = taken[text]
        elif text == said("given_back"):
            assert owner is not None, f"given back twice at {message.seq}"
            owner = None
        else:
            _check_speaker(message, author, owner)
    assert owner is None
    with world.sessions() as session:
        row = session.get_one(ConversationRow, talk.id)
        assert (row.owner, row.handover_id) == (None, None)


def _check_speaker(message: Message, author: str, owner: StaffMember | None) -> None:
    if author == "bot":
        assert owner is None, f"the bot spoke in {owner and owner.name}'s at {message.seq}"
    if author == "staff":
        assert owner is not None, f"staff spoke in the bot's at {message.seq}"
        assert message.draft.facts["staff_name"] == owner.name, f"not theirs at {message.seq}"
