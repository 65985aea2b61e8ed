"""The channel between a LINE platform and a dialogue, both of the tests."""

import asyncio
import itertools
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import httpx
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.channels import problems
from bot.channels.guards import BodyLimit
from bot.channels.line import inbound, link
from bot.channels.line.channel import LineAccount, LineChannel
from bot.channels.line.fake import FakeLine
from bot.channels.line.records import PUSH_LATER, REPLY_LATER
from bot.channels.line.signature import sign
from bot.channels.line.tables import LineEventRow
from bot.conversation import Conversations
from bot.dialogue import TurnRequest
from bot.handover.requests import Requests
from bot.identity.site_token import SiteTokens
from bot.live import Live
from bot.settings import Environment, Settings
from bot.store.journal import Journal
from bot.store.switches import Switches
from bot.wording import OfficeWords
from tests.line.platform import Platform, running

Json = dict[str, Any]
SECRET, DESTINATION = "channel-secret-of-the-tests", "U" + "b" * 32
LOGIN = "https://member-site.example/login"
KEYS = {"test": "identity-key-of-the-tests-32-characters"}
_counter = itertools.count(1)


class FakeDialogue:
    """Answers each turn; `script` may give other replies, `delay_s` or `held` makes it slow."""

    def __init__(self) -> None:
        self.requests: list[TurnRequest] = []
        self.script: Callable[[TurnRequest], list[Json]] | None = None
        self.delay_s = 0.0
        self.held: asyncio.Event | None = None
        self.crash: BaseException | None = None
        self.forgotten: list[tuple[list[str], str]] = []
        self.begun: list[str] = []

    @contextmanager
    def expecting(self, said: Callable[[], str]) -> Iterator[Callable[[], None]]:
        """As bot.dialogue.Dialogue; `begun` has what was sent ahead."""
        yield lambda: self.begun.append(said())

    async def turn(self, request: TurnRequest) -> list[Json]:
        """As bot.dialogue.Dialogue."""
        self.requests.append(request)
        if self.crash is not None:
            raise self.crash
        if self.held is not None:
            await self.held.wait()
        await asyncio.sleep(self.delay_s)
        if self.script is not None:
            return self.script(request)
        return [{"text": f"お答え：{request.text}", "topic": "faq"}]

    async def forget(self, dialogue_ids: Sequence[str], turn_id: str) -> None:
        """As bot.dialogue.Dialogue."""
        if self.crash is not None:
            raise self.crash
        self.forgotten.append((list(dialogue_ids), turn_id))


class Clock:
    """Real time plus whatever a test adds."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def seconds(self) -> float:
        """For the platform."""
        return time.time() + self.ahead.total_seconds()


@dataclass
class World:
    """Everything of one test."""

    app: FastAPI
    channel: LineChannel
    platform: Platform
    dialogue: FakeDialogue
    clock: Clock
    tokens: SiteTokens
    sessions: sessionmaker[Session]
    client: httpx.AsyncClient
    user: str = field(default_factory=lambda: "U" + secrets.token_hex(16))

    def event(self, kind: str = "message", user: str | None = None, **values: Any) -> Json:
        """A webhook event with its reply token."""
        user = user or self.user
        number = next(_counter)
        return {
            "type": kind,
            "mode": "active",
            "timestamp": int(self.clock.seconds() * 1000) + number % 7,
            "source": {"type": "user", "userId": user},
            "webhookEventId": f"01H{number:023d}",
            "deliveryContext": {"isRedelivery": False},
            "replyToken": self.platform.line.reply_token(user),
            **values,
        }

    def text(self, text: str, **values: Any) -> Json:
        """A text message."""
        message = {"type": "text", "id": str(next(_counter)), "text": text}
        return self.event(**{"message": message, **values})

    def signed(self, events: Sequence[Json], **values: Any) -> tuple[bytes, dict[str, str]]:
        """Body and headers as LINE sends them."""
        body = {"destination": DESTINATION, "events": list(events), **values}
        raw = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        return raw, {"x-line-signature": sign(SECRET, raw), "content-type": "application/json"}

    async def post(self, *events: Json) -> httpx.Response:
        """Deliver events in one webhook."""
        raw, headers = self.signed(events)
        return await self.client.post("/line/webhook", content=raw, headers=headers)

    async def idle(self, within: float = 60.0) -> None:
        """Until nothing waits."""
        with anyio.fail_after(within):
            while await anyio.to_thread.run_sync(self.channel.report.waiting_count):
                await asyncio.sleep(0.02)

    async def until(self, condition: Callable[[], object], within: float = 60.0) -> None:
        """Until it holds."""
        with anyio.fail_after(within):
            while not await anyio.to_thread.run_sync(condition):
                await asyncio.sleep(0.02)

    async def until_put_off(self) -> None:
        """Until an answer waits in the store for its next try."""

        def is_put_off() -> bool:
            later = (REPLY_LATER, PUSH_LATER)
            with self.sessions() as session:
                waiting = select(LineEventRow.id).where(
                    LineEventRow.delivery.in_(later), LineEventRow.not_before > self.clock()
                )
                return session.scalar(waiting) is not None

        await self.until(is_put_off)

    async def say(self, *events: Json) -> list[str]:
        """Deliver, wait, and give what the user reads of it."""
        before = len(self.platform.texts(self.user))
        for event in events:
            assert (await self.post(event)).status_code == 200
        await self.idle()
        return self.platform.texts(self.user)[before:]

    def deliveries(self) -> dict[str, int]:
        """How events ended."""
        return self.channel.report.deliveries(datetime(2020, 1, 1, tzinfo=UTC))


def make_channel(
    settings: Settings,
    sessions: sessionmaker[Session],
    dialogue: FakeDialogue,
    clock: Clock,
    api_base: str,
    login: str = LOGIN,
) -> LineChannel:
    """A channel, not opened yet."""
    office = OfficeWords.of(settings)
    pipe = Conversations(
        Journal(sessions),
        dialogue,  # type: ignore[arg-type]
        Switches(sessions),
        office,
        Live(),
        "app-secret-of-the-tests",
        clock,
        requests=Requests(lambda: True),
    )
    account = LineAccount(SECRET, "token-of-the-tests", DESTINATION, api_base, login)
    return LineChannel(account, settings, sessions, pipe, office, lambda _: "individual", clock)


@asynccontextmanager
async def world(
    settings: Settings,
    sessions: sessionmaker[Session],
    quota: int | None = None,
    login: str = LOGIN,
) -> AsyncIterator[World]:
    """The channel at work; without a `login` page accounts cannot be linked."""
    settings = settings.model_copy(update={"env": Environment.demo, "line_settle": 0.05})
    clock, dialogue = Clock(), FakeDialogue()
    async with running(FakeLine(quota, clock.seconds)) as platform:
        channel = make_channel(settings, sessions, dialogue, clock, platform.base, login)
        app = FastAPI()
        problems.install(app)
        app.include_router(inbound.router)
        app.include_router(link.router)
        app.add_middleware(BodyLimit, larger={inbound.WEBHOOK: inbound.MAX_WEBHOOK_BYTES})
        app.state.line, app.state.clock = channel, clock
        app.state.site_tokens = tokens = SiteTokens(KEYS, "member-site")
        await channel.open()
        transport = httpx.ASGITransport(app)
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                yield World(app, channel, platform, dialogue, clock, tokens, sessions, client)
        finally:
            await channel.close()
            assert platform.errors == []
