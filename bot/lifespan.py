"""What runs beside the requests: recovery, the promise to delete, the demo's freshness."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import anyio
import structlog
from fastapi import FastAPI
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random

from bot import demo_registry
from bot.cases.cases import Cases
from bot.channels.line.channel import LineChannel
from bot.clock import Clock
from bot.conversation import Conversations
from bot.dialogue import Dialogue
from bot.identity.parts import IdentityParts
from bot.live_shared import SharedLive
from bot.registry_events.intake import REMEMBERED, Intake
from bot.settings import Settings
from bot.store.journal import Journal

_LOG = structlog.get_logger()
_DEMO_REFRESH_S = 3600.0
_RETENTION_CHECK_S = 3600.0
_DIALOGUE_STARTS_WITHIN_S = 120.0
_DIALOGUE_READY_EVERY_S = 0.5
_RECOVER_EVERY_S = 30.0
_TURNS_END_WITHIN_S = 2.0
_LEFT_BEHIND = timedelta(minutes=1)  # several deadlines: nobody is at work on such a turn


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Opens connections, runs what goes on beside the requests, and ends it all."""
    state = app.state
    await state.dialogue.open()
    identity: IdentityParts = state.identity
    tasks = [
        *(asyncio.create_task(work) for work in identity.work()),
        *(asyncio.create_task(work) for work in state.handover_work()),
        asyncio.create_task(_recover(state.conversations, state.dialogue, state.clock)),
        asyncio.create_task(
            _keep_promise(
                state.journal, state.staff.cases, state.events_intake, state.settings, state.clock
            )
        ),
    ]
    if isinstance(state.live, SharedLive):
        tasks.append(asyncio.create_task(state.live.run()))
    if state.settings.demo:
        await anyio.to_thread.run_sync(_load_demo, state.sessions, state.clock)
        await anyio.to_thread.run_sync(state.staff.load_demo)
        tasks.append(asyncio.create_task(_keep_demo_fresh(state.sessions, state.clock)))
    channel: LineChannel | None = getattr(state, "line", None)
    if channel is not None:
        await channel.open()
    yield
    if channel is not None:
        await channel.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)  # one that broke keeps nothing open
    await state.conversations.finish(_TURNS_END_WITHIN_S)
    await state.dialogue.close()
    await state.locks.close()
    await state.limiter.close()
    await state.work.close()
    await anyio.to_thread.run_sync(state.engine.dispose)


async def _recover(conversations: Conversations, dialogue: Dialogue, clock: Clock) -> None:
    """Answer what a crash left: all of it after the start, later what other processes left."""
    # After a power cut the dialogue loads its model longer than a turn may wait for it.
    with anyio.move_on_after(_DIALOGUE_STARTS_WITHIN_S):
        while not await dialogue.ready():
            await asyncio.sleep(_DIALOGUE_READY_EVERY_S)
    before: datetime | None = None
    while True:
        try:
            await conversations.recover(before)
        except Exception as error:  # whatever it was: who is left next time is still answered
            _LOG.error("unanswered turns could not be read", error=type(error).__name__)
        await asyncio.sleep(_RECOVER_EVERY_S)
        before = clock() - _LEFT_BEHIND


def _days_ago(clock: Clock, days: int) -> datetime:
    return clock() - timedelta(days=days)


async def _keep_promise(
    journal: Journal, cases: Cases, intake: Intake, settings: Settings, clock: Clock
) -> None:
    """Delete conversations and cases when the time that is promised for them is over."""
    while True:
        before = _days_ago(clock, settings.retention_days)
        try:
            while await anyio.to_thread.run_sync(journal.forget, before):
                await asyncio.sleep(0.1)
            while await anyio.to_thread.run_sync(
                cases.forget, _days_ago(clock, settings.case_days)
            ):
                await asyncio.sleep(0.1)
            await anyio.to_thread.run_sync(intake.forget, clock() - REMEMBERED)
        except SQLAlchemyError as error:
            _LOG.error("old conversations could not be deleted", error=type(error).__name__)
        await asyncio.sleep(_RETENTION_CHECK_S)


def _load_demo(sessions: sessionmaker[Session], clock: Clock) -> None:
    for attempt in Retrying(
        # Another app of the same database may be putting them there at this moment.
        retry=retry_if_exception_type((IntegrityError, OperationalError)),
        stop=stop_after_attempt(5),
        wait=wait_random(0.05, 0.5),
        reraise=True,
    ):
        with attempt, sessions.begin() as session:
            demo_registry.load_demo(session, clock())


async def _keep_demo_fresh(sessions: sessionmaker[Session], clock: Clock) -> None:
    # The invented members' dates are relative to today, however long the demo runs.
    while True:
        await asyncio.sleep(_DEMO_REFRESH_S)
        await anyio.to_thread.run_sync(_load_demo, sessions, clock)
