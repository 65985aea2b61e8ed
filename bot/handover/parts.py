"""Handing over, joined for these settings."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from actions.domain.procedure import Rules
from actions.domain.registry import Registry
from bot.clock import Clock
from bot.handover.desk import HandoverDesk
from bot.handover.desk_notes import DeskNotes
from bot.handover.hours_store import HoursStore
from bot.handover.inbox import InboxStore
from bot.handover.ownership import Ownership
from bot.handover.port import AppHandover
from bot.handover.presence import Presence
from bot.handover.requests import Requests
from bot.handover.sweep import Sweep
from bot.handover.talk import TalkReader
from bot.live import Live
from bot.settings import Settings
from bot.store.journal import Journal
from bot.store.work import Work

_SWEEP_EVERY_S = 20.0


@dataclass(frozen=True)
class HandoverParts:
    """`desk` is the console's door, `port` the dialogue's, `requests` the pipe's."""

    desk: HandoverDesk
    port: AppHandover
    requests: Requests
    sweep: Sweep

    def work(self) -> Iterator[Coroutine[Any, Any, None]]:
        """What runs beside the requests, for the app's lifespan."""
        yield self._sweeping()

    async def _sweeping(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_EVERY_S)
            await self.sweep.once()


def create_handover(
    settings: Settings,
    sessions: sessionmaker[Session],
    journal: Journal,
    registry: Registry,
    live: Live,
    in_use: Callable[[], bool],
    clock: Clock,
    work: Work | None = None,
) -> HandoverParts:
    """Join the parts. `in_use`: whether anybody can work with the console."""
    rules = Rules(
        settings.days_until_opening,
        settings.days_until_delayed,
        settings.days_until_mail_trouble,
    )
    presence, lists = Presence(sessions), InboxStore(sessions)
    hours = HoursStore(sessions, registry)
    talks = TalkReader(sessions, registry, rules)
    desk = HandoverDesk(
        journal,
        Ownership(sessions),
        lists,
        talks,
        DeskNotes(sessions),
        presence,
        hours,
        live,
        settings.secret_value(),
        clock,
    )
    port = AppHandover(in_use, hours, presence, lists, journal.find, clock, work)
    sweep = Sweep(sessions, settings, registry, rules, live, clock)
    return HandoverParts(desk, port, Requests(in_use), sweep)
