"""Turns that a process left unanswered: another one, or the same after its start, takes them up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from bot import lifespan
from bot.conversation import Conversations
from bot.dialogue import Dialogue, TurnRequest
from bot.errors import Unavailable
from bot.live import Live
from bot.locks import OwnLocks
from bot.settings import Settings
from bot.store.journal import Journal
from bot.store.records import Conversation, Inbound
from bot.store.switches import Switches
from bot.wording import OfficeWords


class Answering(Dialogue):
    """Answers once it is ready."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1", "secret", 5)
        self.is_ready = True

    async def ready(self) -> bool:
        return self.is_ready

    async def turn(self, request: TurnRequest) -> list[dict[str, Any]]:
        assert self.is_ready, "a turn was given to a dialogue without its model"
        return [{"text": "はい"}]


class BusyLocks(OwnLocks):
    """One conversation stays busy in another process."""

    busy = ""

    @asynccontextmanager
    async def hold(self, conversation_id: str) -> AsyncIterator[bool]:
        if conversation_id == self.busy:
            raise Unavailable("busy")
        async with super().hold(conversation_id) as at_once:
            yield at_once


class Office:
    """A pipe, and turns that nobody answers."""

    def __init__(self, settings: Settings, sessions: sessionmaker[Session]) -> None:
        self.journal, self.dialogue, self.locks = Journal(sessions), Answering(), BusyLocks()
        self.pipe = Conversations(
            self.journal,
            self.dialogue,
            Switches(sessions),
            OfficeWords.of(settings),
            Live(),
            "app-secret-of-the-tests",
            lambda: datetime.now(UTC),
            locks=self.locks,
        )

    async def left(self, age: timedelta = timedelta()) -> Conversation:
        """A conversation whose message was committed by a process that then died."""
        talk = (await self.pipe.begin("web", None, None, [])).conversation
        self.journal.accept(talk.id, Inbound("m", "d", "質問です"), datetime.now(UTC) - age)
        return talk

    def is_answered(self, talk: Conversation) -> bool:
        """Whether nothing of it waits."""
        return talk.id not in self.journal.conversations_with_pending_turns()


@pytest.fixture
def office(settings: Settings, sessions: sessionmaker[Session]) -> Office:
    """On SQLite and on PostgreSQL."""
    return Office(settings, sessions)


async def test_one_conversation_that_is_busy_holds_up_no_other(office: Office) -> None:
    talks = [await office.left() for _ in range(4)]
    office.locks.busy = talks[0].id
    await office.pipe.recover()
    assert [office.is_answered(talk) for talk in talks] == [False, True, True, True]


async def test_only_what_is_old_is_somebody_elses(office: Office) -> None:
    old, fresh = await office.left(timedelta(minutes=2)), await office.left()
    await office.pipe.recover(datetime.now(UTC) - timedelta(minutes=1))
    assert (office.is_answered(old), office.is_answered(fresh)) == (True, False)


async def test_what_another_process_left_is_answered_without_a_start(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifespan, "_RECOVER_EVERY_S", 0.01)
    monkeypatch.setattr(lifespan, "_DIALOGUE_READY_EVERY_S", 0.01)
    office.dialogue.is_ready = False
    first = await office.left()
    work = asyncio.create_task(
        lifespan._recover(office.pipe, office.dialogue, lambda: datetime.now(UTC))
    )
    await asyncio.sleep(0.1)
    assert not office.is_answered(first)
    office.dialogue.is_ready = True
    await _until(lambda: office.is_answered(first))
    later = await office.left(timedelta(minutes=2))
    await _until(lambda: office.is_answered(later))
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work


async def _until(done: Any) -> None:
    async with asyncio.timeout(60):
        while not done():
            await asyncio.sleep(0.02)
