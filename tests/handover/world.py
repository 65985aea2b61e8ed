"""The pipe and the desk over a dialogue of the tests, without a web server."""

import asyncio
import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.registry import Registry
from bot.conversation import Conversations, Exchange
from bot.dialogue import TurnRequest
from bot.handover.desk import HandoverDesk
from bot.handover.parts import HandoverParts, create_handover
from bot.live import Live
from bot.messages import Message
from bot.settings import Settings
from bot.staff.members import Role, StaffMember
from bot.store.handover_tables import HandoverRow
from bot.store.joined import GroupedSessions
from bot.store.journal import Journal
from bot.store.records import Conversation
from bot.store.staff_tables import StaffRow
from bot.store.switches import Switches
from bot.wording import OfficeWords

Json = dict[str, Any]
AYA = StaffMember("staff-aya", "相田", Role.agent)
BEN = StaffMember("staff-ben", "別所", Role.agent)
CHIEF = StaffMember("staff-chief", "千葉", Role.supervisor)


def staff_row(person: StaffMember, now: datetime) -> StaffRow:
    """The person's account; nobody can sign in with it."""
    return StaffRow(
        id=person.id,
        login=person.id,
        name=person.name,
        role=person.role.value,
        password_hash="",
        must_change_password=False,
        totp_secret="",
        created_at=now,
    )


BUTTONS = [{"title": "請求はいつから", "payload": "/billing_start"}]


class Clock:
    """Real time plus whatever a test adds; or a time of its own."""

    def __init__(self, at: datetime | None = None) -> None:
        self.at = at
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return (self.at or datetime.now(UTC)) + self.ahead


@dataclass
class Dialogue:
    """Answers each turn; hands over when 「担当者」 is said."""

    slowest_s: float = 0.0
    heard: list[TurnRequest] = field(default_factory=list)
    script: Callable[[TurnRequest], list[Json]] | None = None
    held: asyncio.Event | None = None
    begun: list[str] = field(default_factory=list)

    @contextmanager
    def expecting(self, said: Callable[[], str]) -> Iterator[Callable[[], None]]:
        """As bot.dialogue.Dialogue; `begun` has what was sent ahead."""
        yield lambda: self.begun.append(said())

    async def turn(self, request: TurnRequest) -> list[Json]:
        """As bot.dialogue.Dialogue."""
        self.heard.append(request)
        if self.held is not None:
            await self.held.wait()
        if self.slowest_s:
            await asyncio.sleep(random.uniform(0, self.slowest_s))
        if self.script is not None:
            return self.script(request)
        if "担当者" in request.text:
            return [{"text": "承ります。", "topic": "handoff", "facts": {"handover": True}}]
        return [{"text": f"お答え：{request.text}", "topic": "faq", "buttons": BUTTONS}]


@dataclass
class World:
    """Everything of one test."""

    pipe: Conversations
    parts: HandoverParts
    dialogue: Dialogue
    clock: Clock
    journal: Journal
    live: Live
    sessions: sessionmaker[Session]
    grouped: GroupedSessions

    @property
    def desk(self) -> HandoverDesk:
        """The console's door."""
        return self.parts.desk

    async def member(self, channel: str = "web", number: str | None = None) -> Conversation:
        """A conversation that begins."""
        started = await self.pipe.begin(channel, number, "individual" if number else None, [])
        return started.conversation

    async def says(self, talk: Conversation, text: str) -> Exchange:
        """The member writes."""
        return await self.pipe.post(talk.id, str(uuid.uuid4()), text)

    async def presses(self, talk: Conversation, choice_id: str) -> Exchange:
        """The member presses a button."""
        return await self.pipe.post(talk.id, str(uuid.uuid4()), choice=choice_id)

    async def answers(self, talk: Conversation, person: StaffMember, text: str) -> Message:
        """A person writes."""
        return await self.desk.say(talk.id, person, str(uuid.uuid4()), text)

    def said(self, talk: Conversation) -> list[tuple[str, str]]:
        """(author, text) of the whole journal."""
        found = self.journal.messages(talk.id, 0, most=100_000)
        return [(m.draft.author, m.draft.text) for m in found]

    def request(self, talk: Conversation) -> HandoverRow:
        """The newest request."""
        with self.sessions() as session:
            return session.scalars(
                select(HandoverRow)
                .where(HandoverRow.conversation_id == talk.id)
                .order_by(HandoverRow.id.desc())
            ).first() or HandoverRow(state="none")


def make_world(settings: Settings, sessions: sessionmaker[Session], in_use: bool = True) -> World:
    """The parts as the app joins them."""
    clock, dialogue, live = Clock(), Dialogue(), Live()
    grouped = GroupedSessions(sessions.kw["bind"], sessions)
    journal = Journal(grouped)
    registry = Registry(sessions)
    parts = create_handover(settings, sessions, journal, registry, live, lambda: in_use, clock)
    pipe = Conversations(
        journal,
        dialogue,  # type: ignore[arg-type]
        Switches(sessions),
        OfficeWords.of(settings),
        live,
        "app-secret-of-the-tests",
        clock,
        None,
        parts.requests,
    )
    return World(pipe, parts, dialogue, clock, journal, live, sessions, grouped)
