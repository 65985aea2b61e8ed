"""The composition root: everything is made here and handed in; nothing is made at import."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from fastapi.telemetry import TelemetryConfig
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp

from actions.domain.registry import Registry
from bot import health
from bot.audit import Audit
from bot.channels import problems
from bot.channels.guards import BodyLimit, RateLimit, SafeHeaders
from bot.channels.limiter import Limiter
from bot.channels.line import inbound, link
from bot.channels.line.channel import LineChannel, line_account
from bot.channels.staff.guard import StaffGuard
from bot.channels.staff.mount import mount_staff
from bot.channels.web import demo, demo_mails, routes
from bot.channels.web.lane import MessageLane
from bot.clock import Clock, utc_now
from bot.conversation import Conversations
from bot.database import create_engine, session_factory
from bot.desk import AppDesk
from bot.dialogue import Dialogue
from bot.handover.parts import create_handover
from bot.identity.parts import create_identity
from bot.identity.site_token import SiteTokens
from bot.lifespan import lifespan
from bot.live import Live
from bot.live_shared import SharedLive
from bot.locks import Locks, OwnLocks, RedisLocks
from bot.private import create_private_app
from bot.registry_events import routes as events
from bot.registry_events.intake import Intake
from bot.script.engine import Script
from bot.script.store import ScriptStore
from bot.settings import PROJECT_ROOT, Settings
from bot.staff.parts import create_staff
from bot.store.joined import GroupedSessions
from bot.store.journal import Journal
from bot.store.switches import Switches
from bot.store.work import Work
from bot.watch import Watch
from bot.wording import OfficeWords

_DEMO_RATE = 6000  # spec/api.md: demo mode never limits an address below this
# What leaves the process is chosen by us (bot.metrics, bot.logs): an exception may quote a member.
_NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}


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
    dialogue_memory: str = "",
) -> Apps:
    """Build the product for these settings; the dialogue server may come up later.

    `dialogue_url` names one or, with commas between, several of them.

    `own_address` is where the public listener is reached from this machine; the demo's phone
    needs it, since it plays LINE over HTTP. `dialogue_memory` is the dialogue's SQLite file, where
    that one leaves it to the app to make its turns durable.
    """
    engine = create_engine(settings.resolved_database_url())
    sessions = session_factory(engine)
    grouped = GroupedSessions(engine, sessions)
    journal, registry = Journal(grouped), Registry(sessions)
    work = Work(grouped, dialogue_memory)
    words = OfficeWords.of(settings, _base_url(settings))
    dialogue = Dialogue(dialogue_url, dialogue_secret, settings.turn_deadline)
    redis = settings.redis_url.get_secret_value()
    live, locks = SharedLive(redis) if redis else Live(), _locks(settings)
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
    account = line_account(settings, own_address)
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
        links=account is not None and account.can_link,
    )
    watch = Watch(sessions, registry, dialogue, clock)
    public = FastAPI(
        title="navi",
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        docs_url=None,
        telemetry=_NO_TELEMETRY,
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
    public.state.limiter = Limiter(redis)
    public.state.site_tokens = SiteTokens(settings.identity_key_map(), settings.identity_issuer)
    public.state.member_kind = _member_kind(registry)
    public.state.identity = identity
    public.state.events_intake = Intake(sessions)
    public.state.clock = clock
    public.state.staff = staff
    public.state.script = Script(
        conversations, journal, ScriptStore(sessions), staff.cases, registry, clock, locks
    )
    public.state.handover = handover.desk
    public.state.handover_work = handover.work
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
    health.install(app)
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
    app.add_middleware(MessageLane)  # the innermost
    app.add_middleware(BodyLimit, larger={inbound.WEBHOOK: inbound.MAX_WEBHOOK_BYTES})
    limiter: Limiter = app.state.limiter
    app.add_middleware(RateLimit, limiter=limiter, per_minute=per_minute, strict=strict)
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
