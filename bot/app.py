"""The composition root: everything is made here and handed in; nothing is made at import."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import anyio
import structlog
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker
from starlette.datastructures import State
from starlette.types import ASGIApp
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random

from actions.domain.registry import Registry
from bot import demo_registry
from bot.audit import Audit
from bot.cases.cases import Cases
from bot.channels import problems
from bot.channels.guards import BodyLimit, RateLimit, SafeHeaders
from bot.channels.line import inbound, link
from bot.channels.line.channel import LineChannel, line_account
from bot.channels.staff.guard import StaffGuard
from bot.channels.staff.mount import mount_staff
from bot.channels.web import demo, demo_mails, routes
from bot.clock import Clock, utc_now
from bot.conversation import Conversations
from bot.database import create_engine, session_factory
from bot.desk import AppDesk
from bot.dialogue import Dialogue
from bot.handover.parts import create_handover
from bot.identity.parts import IdentityParts, create_identity
from bot.identity.site_token import SiteTokens
from bot.live import Live
from bot.locks import Locks, OwnLocks, RedisLocks
from bot.private import create_private_app
from bot.registry_events import routes as events
from bot.registry_events.intake import REMEMBERED, Intake
from bot.script.engine import Script
from bot.script.store import ScriptStore
from bot.settings import PROJECT_ROOT, Settings
from bot.staff.parts import create_staff
from bot.store.grouped import GroupedSessions
from bot.store.journal import Journal
from bot.store.switches import Switches
from bot.store.work import Work
from bot.watch import Watch
from bot.wording import OfficeWords

_LOG = structlog.get_logger()
_DEMO_RATE = 6000  # spec/api.md: demo mode never limits an address below this
_DEMO_REFRESH_S = 3600.0
_RETENTION_CHECK_S = 3600.0
_DIALOGUE_STARTS_WITHIN_S = 120.0
_DIALOGUE_READY_EVERY_S = 0.5
_RECOVER_EVERY_S = 30.0
_LEFT_BEHIND = timedelta(minutes=1)  # several deadlines: nobody is at work on such a turn


@dataclass(frozen=True)
class Apps:
    """The public app and the private one, over the same parts."""

    public: FastAPI
    private: ASGIApp


def create_apps(
    settings: Settings,
    dialogue_url: str,
    dialogue_secret: str,
    clock: Clock = utc_now,
    own_address: str = "",
) -> Apps:
    """Build the product for these settings; the dialogue server may come up later.

    `dialogue_url` names one or, with commas between, several of them.

    `own_address` is where the public listener is reached from this machine; the demo's phone
    needs it, since it plays LINE over HTTP.
    """
    engine = create_engine(settings.resolved_database_url())
    sessions = session_factory(engine)
    grouped = GroupedSessions(engine, sessions)
    journal, registry = Journal(grouped), Registry(sessions)
    work = Work(grouped)
    words = OfficeWords.of(settings, _base_url(settings))
    dialogue = Dialogue(dialogue_url, dialogue_secret, settings.turn_deadline)
    live, locks = Live(), _locks(settings)
    identity = create_identity(settings, sessions, clock, work)
    staff = create_staff(settings, sessions, clock)
    handover = create_handover(
        settings, sessions, journal, registry, live, staff.access.accounts.in_use, clock, work
    )
    conversations = Conversations(
        journal,
        dialogue,
        Switches(sessions),
        words,
        live,
        settings.secret_value(),
        clock,
        identity.mailed_codes,
        handover.requests,
        locks,
        work,
    )
    desk = AppDesk(
        journal.find,
        registry,
        settings,
        words,
        clock,
        identity.port,
        Audit(grouped),
        handover.port,
        work,
    )
    watch = Watch(sessions, registry, dialogue, clock)
    public = FastAPI(
        title="navi", lifespan=_lifespan, openapi_url="/api/openapi.json", docs_url=None
    )
    public.state.settings = settings
    public.state.engine = engine
    public.state.work = work
    public.state.sessions = sessions
    public.state.journal = journal
    public.state.registry = registry
    public.state.dialogue = dialogue
    public.state.conversations = conversations
    public.state.live = live
    public.state.locks = locks
    public.state.site_tokens = SiteTokens(settings.identity_key_map(), settings.identity_issuer)
    public.state.member_kind = _member_kind(registry)
    public.state.identity = identity
    public.state.events_intake = Intake(sessions)
    public.state.clock = clock
    public.state.staff = staff
    public.state.script = Script(
        conversations, journal, ScriptStore(sessions), staff.cases, registry, clock
    )
    public.state.handover = handover.desk
    public.state.handover_work = handover.work
    account = line_account(settings, own_address)
    if account is not None:
        public.state.line = LineChannel(
            account,
            settings,
            sessions,
            conversations,
            words,
            public.state.member_kind,
            clock,
            live,
        )
    _mount(public, settings)
    _mount_line(public, own_address)
    mount_staff(public)
    return Apps(public, create_private_app(desk, dialogue_secret, watch.look))


def _locks(settings: Settings) -> Locks:
    url = settings.redis_url.get_secret_value()
    return RedisLocks(url, 2 * settings.turn_deadline) if url else OwnLocks()


def _mount(app: FastAPI, settings: Settings) -> None:
    problems.install(app)
    app.include_router(routes.router)
    _health(app)
    static = PROJECT_ROOT / "bot/channels/web/static"
    app.mount("/static", _Static(directory=static), name="static")
    if settings.demo:
        app.include_router(demo.router)
        app.include_router(demo_mails.router)
    if settings.events_key_map():
        app.include_router(events.router)
    per_minute, starts = settings.requests_per_minute, settings.conversations_per_minute
    if settings.demo:
        per_minute, starts = max(per_minute, _DEMO_RATE), max(starts, _DEMO_RATE)
    strict = {("POST", "/api/conversations"): starts}
    app.add_middleware(BodyLimit, larger={inbound.WEBHOOK: inbound.MAX_WEBHOOK_BYTES})
    app.add_middleware(RateLimit, per_minute=per_minute, strict=strict)
    app.add_middleware(StaffGuard, settings=settings)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.origins(),
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
        expose_headers=["Retry-After"],
        max_age=600,
    )
    app.add_middleware(SafeHeaders)


def _mount_line(app: FastAPI, own_address: str) -> None:
    channel: LineChannel | None = getattr(app.state, "line", None)
    if channel is None:
        return
    app.include_router(inbound.router)
    app.include_router(link.router)
    if channel.account.is_demo:
        from bot.channels.line.demo import demo_router
        from bot.channels.line.fake import FakeLine

        app.include_router(demo_router(channel, FakeLine(), own_address))


class _Static(StaticFiles):
    """Files that a browser asks about each time (ETag): modules carry no version in their name."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """As Starlette does, with Cache-Control."""
        answer = super().file_response(*args, **kwargs)
        answer.headers["Cache-Control"] = "no-cache"
        return answer


def _health(app: FastAPI) -> None:
    @app.get("/healthz")
    async def alive() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz")
    async def ready(request: Request) -> JSONResponse:
        state = request.app.state
        dialogue_ready = await state.dialogue.ready()
        checks = {
            "database": await anyio.to_thread.run_sync(_database_answers, state.engine),
            "dialogue": dialogue_ready,
            # The dialogue server is ready only with its trained model loaded.
            "model": dialogue_ready,
        }
        ok = all(checks.values())
        words = {name: "ok" if fine else "not ready" for name, fine in checks.items()}
        # Old registry data take no member's desk away, only the answers about states.
        words["registry"] = await anyio.to_thread.run_sync(_registry_age, state)
        return JSONResponse({"status": "ready" if ok else "not ready", **words}, 200 if ok else 503)


def _registry_age(state: State) -> str:
    try:
        latest = state.registry.latest_import()
    except SQLAlchemyError:
        return "unknown"
    if latest is None:
        return "demo" if state.settings.demo else "empty: import one"
    stale = state.clock() - latest.as_of > state.settings.registry_max_age
    return f"{'too old' if stale else 'ok'}, as of {latest.as_of.isoformat(timespec='seconds')}"


def _database_answers(engine: Engine) -> bool:
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        return True
    except SQLAlchemyError:
        return False


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
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
        with suppress(asyncio.CancelledError):
            await task
    await state.dialogue.close()
    await state.locks.close()
    state.work.close()
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
        except SQLAlchemyError as error:
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


def _member_kind(registry: Registry) -> Callable[[str], str | None]:
    def kind(number: str) -> str | None:
        try:
            record = registry.look_up(number)
        except SQLAlchemyError:
            return None
        found = record.registration.kind if record else None
        return found.value if found else None

    return kind


def _base_url(settings: Settings) -> str:
    return settings.public_url.rstrip("/")
