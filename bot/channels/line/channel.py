"""The LINE channel put together from the settings; off where there are none."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import anyio
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from bot.audit import Audit
from bot.channels.line.link import Links
from bot.channels.line.report import LineReport
from bot.channels.line.said import Said
from bot.channels.line.store import LineStore
from bot.channels.line.worker import Worker
from bot.clock import Clock
from bot.conversation import Conversations
from bot.handover.once import Once
from bot.live import Live
from bot.settings import Settings
from bot.wording import OfficeWords

_LOG = structlog.get_logger()
# LINE delivers again for hours; a month is far beyond that, and the rows hold no words.
_EVENTS_KEPT = timedelta(days=30)
_CLEAN_EVERY_S = 3600.0
DEMO_CHANNEL_SECRET = "demo-line-secret-not-for-production"
DEMO_DESTINATION = "U" + "d" * 32


@dataclass(frozen=True)
class LineAccount:
    """How the bot is known at LINE. `is_demo`: LINE is played by the demo phone."""

    secret: str
    token: str
    destination: str
    api_base: str
    login_url: str
    is_demo: bool = False
    links_base: str = ""

    @property
    def can_link(self) -> bool:
        """Whether members can link their account."""
        return bool(self.login_url)


def line_account(settings: Settings, own_address: str = "") -> LineAccount | None:
    """The account of the settings; in demo mode the demo's own; None: the channel is off.

    `own_address` is where this app listens: the demo's LINE is part of it.
    """
    secret = settings.line_channel_secret.get_secret_value()
    if secret:
        return LineAccount(
            secret,
            settings.line_channel_token.get_secret_value(),
            settings.line_destination,
            settings.line_api_base,
            settings.line_link_login_url,
        )
    if not settings.demo or not own_address:
        return None
    shown = settings.public_url.rstrip("/")
    return LineAccount(
        DEMO_CHANNEL_SECRET,
        "demo-line-token",
        DEMO_DESTINATION,
        f"{own_address}/demo/line-api",
        # The phone's own page, wherever the demo is reached: relative addresses are not LINE's.
        f"{shown or own_address}/demo/line-link",
        is_demo=True,
        links_base=shown or own_address,
    )


class LineChannel:
    """Everything of the channel that lives as long as the app."""

    def __init__(
        self,
        account: LineAccount,
        settings: Settings,
        sessions: sessionmaker[Session],
        pipe: Conversations,
        office: OfficeWords,
        member_kind: Callable[[str], str | None],
        clock: Clock,
        live: Live | None = None,
    ) -> None:
        # Imported here: line-bot-sdk takes a second, and most starts are without LINE.
        from bot.channels.line.account import Account
        from bot.channels.line.answering import Answering, Parts
        from bot.channels.line.client import LineApi
        from bot.channels.line.outgoing import Outgoing
        from bot.channels.line.richmenu import Menus
        from bot.channels.line.send import Sender
        from bot.channels.line.talks import Talks

        self.account = account
        self.secret, self.destination = account.secret, account.destination
        self.settle_s = settings.line_settle
        self.clock = clock
        self.store, self.report, said = LineStore(sessions), LineReport(sessions), Said(sessions)
        self.links = Links(sessions)
        self.api = LineApi(account.token, account.api_base)
        login, audit = account.login_url, Audit(sessions)
        menus = Menus(self.api)
        linking = Account(self.store, self.links, self.api, menus, login, member_kind, clock, audit)
        silence = timedelta(hours=settings.line_conversation_hours)
        talks = Talks(self.store, said, pipe, linking, office, clock, silence)
        sender = Sender(self.api, self.store, self.report, clock)
        live = live or Live()
        once, base = Once(sessions, live, clock), account.links_base
        answering = Answering(
            Parts(
                self.store,
                said,
                pipe,
                linking,
                talks,
                self.api,
                sender,
                office,
                clock,
                once,
                live,
                base,
            )
        )
        self.worker = Worker(
            self.store, answering.answer, answering.give_up, clock, settings.line_settle
        )
        self.outgoing = Outgoing(sessions, live, self.worker.wake, clock)
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Begin to work; needs a running event loop."""
        await self.api.open()
        self._tasks = [
            asyncio.create_task(self.worker.run()),
            asyncio.create_task(self.outgoing.run()),
            asyncio.create_task(self._clean()),
        ]
        if self.account.is_demo:
            self._tasks.append(asyncio.create_task(self._demo_menus()))

    async def close(self) -> None:
        """Stop; what waits is answered after the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.api.close()

    async def _clean(self) -> None:
        while True:
            with suppress(SQLAlchemyError):
                await anyio.to_thread.run_sync(self.store.forget, self.clock() - _EVENTS_KEPT)
            await asyncio.sleep(_CLEAN_EVERY_S)

    async def _demo_menus(self) -> None:
        from bot.channels.line.client import LineRefused, LineUncertain
        from bot.channels.line.richmenu import set_up

        for _ in range(20):
            try:
                await set_up(self.api, [], lambda _: None)
                return
            except (LineRefused, LineUncertain):  # the app's own listener is not open yet
                await asyncio.sleep(0.5)
        _LOG.error("the demo's rich menus were not made")
