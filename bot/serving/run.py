"""`navi serve` from settings to a running product."""

import asyncio
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import aiohttp

from bot.database import create_engine, migrate, session_factory
from bot.demo_registry import demo_numbers_stored
from bot.errors import SettingsError
from bot.serving.checks import check_no_demo_members, check_no_demo_staff, check_settings
from bot.serving.model import PYTHON, dialogue_environment, model_path, train
from bot.serving.progress import working
from bot.serving.supervisor import Program, Supervisor
from bot.settings import Settings
from bot.staff.demo_accounts import demo_staff_stored

Say = Callable[[str], None]
# The dialogue server gives a turn up before the app does, so that it happens wholly or not.
_DIALOGUE_SHARE = 0.85
_OWN_LOCKS = "rasa_components.lock_store.ConversationLockStore"
_SHARED_LOCKS = "rasa_components.redis_lock.RedisLockStore"


def prepare(settings: Settings, say: Say) -> Path:
    """Checks, database, model. Raises SettingsError; gives the model's path."""
    check_settings(settings)
    settings.var.mkdir(parents=True, exist_ok=True)
    migrate(settings)
    if not settings.demo:
        engine = create_engine(settings.resolved_database_url())
        with session_factory(engine)() as session:
            check_no_demo_members(demo_numbers_stored(session))
            check_no_demo_staff(demo_staff_stored(session))
        engine.dispose()
    model = model_path(settings.var)
    if not settings.dialogue_url and not model.exists():
        say("Training the dialogue model of the present data (half a minute) …")
        with working("training"):
            model, seconds = train(settings.var)
        say(f"Model trained in {seconds:.0f} s.")
    return model


def serve(settings: Settings, say: Say) -> None:
    """Run everything in the foreground until SIGTERM or Ctrl-C. Raises SettingsError."""
    model = prepare(settings, say)
    public = _bind(settings.host, settings.port, "NAVI_PORT")
    private = _bind(settings.private_host, settings.private_port, "NAVI_PRIVATE_PORT")
    dialogue = None
    if not settings.dialogue_url:
        # Held for the dialogue server, which listens there seconds later, and after each crash.
        dialogue = _bind("127.0.0.1", settings.dialogue_port, "NAVI_DIALOGUE_PORT")
    programs = _programs(settings, model, public, private, dialogue)
    asyncio.run(_run(programs, settings, public, say))


def _bind(host: str, port: int, name: str) -> socket.socket:
    """A socket that refuses connections until the app listens, so that a balancer asks others.

    From then on the supervisor keeps it open: while the app is started again, requests wait.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        # A number of our own: one that the system gives would be another after a stop of the app.
        listener.bind((host, port or _free_port()))
    except OSError as error:
        raise SettingsError(f"{name}: {host}:{port} cannot be used: {error.strerror}") from None
    return listener


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _programs(
    settings: Settings,
    model: Path,
    public: socket.socket,
    private: socket.socket,
    dialogue: socket.socket | None,
) -> list[Program]:
    secret = settings.dialogue_secret.get_secret_value() or secrets.token_urlsafe(32)
    port = dialogue.getsockname()[1] if dialogue else 0
    url = settings.dialogue_url or f"http://127.0.0.1:{port}"
    app = Program(
        "app",
        [sys.executable, "-m", "bot.serving.app_process"],
        {
            **os.environ,
            "NAVI_ENV": settings.env.value,
            "NAVI_PUBLIC_URL": settings.public_url,
            "NAVI_RUN_DIALOGUE_URL": url,
            "NAVI_RUN_DIALOGUE_SECRET": secret,
            "NAVI_RUN_PUBLIC_SOCKET": str(public.fileno()),
            "NAVI_RUN_PRIVATE_SOCKET": str(private.fileno()),
        },
        sockets=(public.fileno(), private.fileno()),
    )
    if settings.dialogue_url:
        return [app]
    actions = f"http://127.0.0.1:{private.getsockname()[1]}"
    there = dialogue_program(settings, model, "127.0.0.1", port, secret, actions)
    if _embedded(settings):
        # Side by side on one disk: the app flushes both logs, and no turn waits for the dialogue's.
        there.environment["NAVI_FLUSHED_BY_APP"] = "yes"
        app.environment["NAVI_RUN_DIALOGUE_MEMORY"] = str(_memory(settings))
    return [there, app]


def dialogue_program(
    settings: Settings, model: Path, host: str, port: int, secret: str, actions: str
) -> Program:
    """The dialogue server on `host`:`port`; `actions` is the address of the private listener."""
    var = settings.var.resolve()
    redis = settings.redis_url.get_secret_value()
    return Program(
        "dialogue",
        [
            *(str(PYTHON), "-m", "rasa_components.serve"),
            *(str(model.resolve()), host, str(port)),
        ],
        {
            **dialogue_environment(var),
            "NAVI_ACTIONS_URL": f"{actions.rstrip('/')}/actions",
            "NAVI_DIALOGUE_SECRET": secret,
            "NAVI_DIALOGUE_DEADLINE": str(settings.turn_deadline * _DIALOGUE_SHARE),
            "NAVI_TRACKER_URL": _tracker_url(settings),
            "NAVI_FLUSHED_BY_APP": "",
            "NAVI_RETENTION_DAYS": str(settings.retention_days),
            "NAVI_LOCK_STORE": _SHARED_LOCKS if redis else _OWN_LOCKS,
            "NAVI_REDIS_URL": redis,
        },
        log=var / "log" / "dialogue.log",
    )


def _tracker_url(settings: Settings) -> str:
    """The dialogue's memory: beside the app's data, in the form of its older SQLAlchemy."""
    if _embedded(settings):
        return f"sqlite:///{_memory(settings)}"
    return "postgresql://" + settings.resolved_database_url().partition("://")[2]


def _embedded(settings: Settings) -> bool:
    return settings.resolved_database_url().startswith("sqlite")


def _memory(settings: Settings) -> Path:
    return settings.var.resolve() / "dialogue.db"


async def _run(
    programs: list[Program], settings: Settings, public: socket.socket, say: Say
) -> None:
    supervisor = Supervisor(programs)
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, supervisor.stop)
    port = public.getsockname()[1]
    watcher = asyncio.ensure_future(_announce(settings, port, say))
    await supervisor.run()
    watcher.cancel()
    say("Stopped.")


async def _announce(settings: Settings, port: int, say: Say) -> None:
    shown = settings.host if settings.host not in ("0.0.0.0", "::") else "127.0.0.1"
    address = f"http://{shown}:{port}"
    say("Starting …")
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"{address}/readyz") as response:
                    if response.status == 200:
                        break
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.3)
    if settings.demo:
        say(f"Ready in demo mode (invented members, demo secrets): {address}/")
    else:
        say(f"Ready: {address}/")
    say(_mail_words(settings, address))
    say(_line_words(settings, address))


def _mail_words(settings: Settings, address: str) -> str:
    """How the mailed code stands."""
    if settings.smtp_host:
        return f"Codes are mailed through {settings.smtp_host}:{settings.smtp_port}"
    if settings.demo:
        return f"Mailed codes are shown on {address}/demo/mails"
    return "Codes are not mailed: NAVI_SMTP_HOST is not set"


def _line_words(settings: Settings, address: str) -> str:
    """How the LINE channel stands."""
    if settings.line_channel_secret.get_secret_value():
        shown = settings.public_url.rstrip("/") or address
        return f"LINE is on: its webhook is {shown}/line/webhook"
    if settings.demo:
        return f"LINE is played by the demo phone: {address}/demo/line"
    return "LINE is off: NAVI_LINE_CHANNEL_SECRET is not set"
