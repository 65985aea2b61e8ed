"""A pipe over a real database, with a dialogue that only notes what it is given."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from bot.conversation import Conversations
from bot.database import reading
from bot.dialogue import Dialogue, TurnRequest
from bot.identity.codes import Codes
from bot.identity.parts import IdentityParts, create_identity
from bot.importing.importer import import_files
from bot.live import Live
from bot.settings import Settings
from bot.store.identity_tables import OutboxRow
from bot.store.journal import Journal
from bot.store.records import Conversation
from bot.store.switches import Switches
from bot.wording import OfficeWords
from tests.builders import Line, member, write_jsonl


class Clock:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 10, 3, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **delta: float) -> None:
        """Forwards; backwards with negative values."""
        self.now += timedelta(**delta)


class NotedDialogue(Dialogue):
    """Answers every turn with one message and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1", "secret", 5)
        self.asked: list[TurnRequest] = []

    async def turn(self, request: TurnRequest) -> list[dict[str, Any]]:
        self.asked.append(request)
        return [{"text": "はい"}]


@dataclass
class Office:
    """The parts under test and shortcuts for a member's doings."""

    settings: Settings
    sessions: sessionmaker[Session]
    clock: Clock
    identity: IdentityParts
    pipe: Conversations
    dialogue: NotedDialogue
    codes: Codes
    origins: list[str] = field(default_factory=lambda: [""])

    async def guest(self) -> Conversation:
        """A guest who has asked for a mailed code."""
        conversation = (await self.pipe.start("web")).conversation
        self.identity.mailed_codes.begin(conversation.id)
        return conversation

    async def says(self, conversation: Conversation, words: str, origin: str = "") -> str:
        """Say something; gives the step that the dialogue was told, else the text itself."""
        await self.pipe.post(conversation.id, str(uuid.uuid4()), words, origin=origin)
        payload = self.dialogue.asked[-1].payload
        marker = '/identity_step{"value": "'
        if payload and payload.startswith(marker):
            return payload.removeprefix(marker).removesuffix('"}')
        return payload or self.dialogue.asked[-1].text

    def mailed_code(self) -> str:
        """The code of the newest mail, as the outbox would write it."""
        with reading(self.sessions) as session:
            row = session.scalars(
                select(OutboxRow).order_by(OutboxRow.created_at.desc(), OutboxRow.next_try_at)
            ).first()
            assert row is not None and row.state == "waiting"
            return self.codes.code(row.params["seed"])

    def wrong_code(self) -> str:
        """Another one."""
        return str((int(self.mailed_code()) + 1) % 10**8).zfill(8)


@pytest.fixture
def clock() -> Clock:
    """Turned by tests."""
    return Clock()


@pytest.fixture
def members() -> list[Line]:
    """A doctor with two numbers, another one, one without an address."""

    def of(number: str, kind: str, email: str) -> Line:
        line = member(number)
        line["member"] |= {"kind": kind, "email": email}
        return line

    return [
        of("100001", "individual", "Doctor@clinic.example.jp"),
        of("100002", "corporate", "doctor@clinic.example.jp"),
        of("200001", "individual", "other@clinic.example.jp"),
        of("300001", "individual", ""),
    ]


@pytest.fixture
def make_office(
    settings: Settings,
    engine: Engine,
    sessions: sessionmaker[Session],
    clock: Clock,
    members: list[Line],
    tmp_path: Path,
) -> Callable[..., Office]:
    """Join the parts over a registry of `members`; keyword arguments change settings."""
    import_files(engine, [write_jsonl(tmp_path / "members.jsonl", members)], clock=clock)

    def make(**changes: Any) -> Office:
        own = settings.model_copy(update=changes)
        identity = create_identity(own, sessions, clock)
        dialogue = NotedDialogue()
        pipe = Conversations(
            Journal(sessions),
            dialogue,
            Switches(sessions),
            OfficeWords.of(own),
            Live(),
            own.secret_value(),
            clock,
            identity.mailed_codes,
        )
        codes = Codes(own.secret_value())
        return Office(own, sessions, clock, identity, pipe, dialogue, codes)

    return make


@pytest.fixture
def office(make_office: Callable[..., Office]) -> Office:
    """With the usual settings."""
    return make_office()
