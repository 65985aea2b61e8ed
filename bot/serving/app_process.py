"""The app's process: the public and the private listener in one event loop.

Started by the supervisor with the sockets' numbers and the dialogue's address in `NAVI_RUN_*`.
"""

import asyncio
import contextlib
import gc
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator

import uvicorn
import uvloop
from sse_starlette.sse import AppStatus
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.app import create_apps
from bot.logs import set_up_logs
from bot.settings import load_settings
from wire import pages

# Together less than the supervisor waits.
_GRACE_S = 6
_PRIVATE_GRACE_S = 2
# The dialogue lets go of an idle connection after 30 s (rasa_components/fast/calls.py), so that
# it never writes into one that is being closed here.
_PRIVATE_KEEPALIVE_S = 60
_KEEPALIVE_S = 5


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: two servers share this process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Refuse new connections at once, and finish what is under way.

        The supervisor holds the listeners too. Without this, who connects now would wait in the
        queue of a process that is going, instead of being sent to another app by the balancer.
        """
        for listener in sockets or []:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
        await super().shutdown(sockets)


def make_server(
    app: ASGIApp,
    trusted: str,
    lifespan: str,
    keepalive_s: int = _KEEPALIVE_S,
    grace_s: int = _GRACE_S,
) -> uvicorn.Server:
    """A server that believes X-Forwarded-For from the addresses in `trusted` only."""
    return _Server(
        uvicorn.Config(
            app,
            lifespan="on" if lifespan == "on" else "off",
            proxy_headers=bool(trusted),
            forwarded_allow_ips=trusted or None,
            timeout_graceful_shutdown=grace_s,
            timeout_keep_alive=keepalive_s,
            access_log=False,
            server_header=False,
            log_config=None,
            ws="none",
        )
    )


def ending_with(app: ASGIApp, last: Callable[[], Awaitable[None]]) -> ASGIApp:
    """The app; `last` is awaited when its requests are done, before its lifespan ends."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        async def received() -> Message:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await last()
            return message

        await app(scope, received if scope["type"] == "lifespan" else receive, send)

    return wrapped


def _address(listener: socket.socket) -> str:
    """Where this machine reaches the listener."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def _serve() -> None:
    settings = load_settings()
    sockets = [
        socket.socket(fileno=int(os.environ[f"NAVI_RUN_{name}_SOCKET"]))
        for name in ("PUBLIC", "PRIVATE")
    ]
    apps = create_apps(
        settings,
        os.environ["NAVI_RUN_DIALOGUE_URL"],
        os.environ["NAVI_RUN_DIALOGUE_SECRET"],
        own_address=_address(sockets[0]),
        dialogue_memory=os.environ.get("NAVI_RUN_DIALOGUE_MEMORY", ""),
    )
    private = make_server(apps.private, "", "off", _PRIVATE_KEEPALIVE_S, _PRIVATE_GRACE_S)
    serving = asyncio.ensure_future(private.serve(sockets=[sockets[1]]))

    async def end_private() -> None:
        # The turns that end before need their actions, which are called there.
        private.should_exit = True
        await asyncio.wait({serving})

    whole = ending_with(apps.public, end_private)
    public = make_server(whole, settings.trusted_proxies, "on")

    def stop(*_: object) -> None:
        AppStatus.should_exit = True  # event streams end now; their clients come back elsewhere
        public.should_exit = True

    # A process of which only one half runs would never be started again.
    serving.add_done_callback(stop)
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop)
    # What was made until here lives as long as the process: the collector need not walk it, and
    # a turn makes too little garbage to be interrupted every few hundred objects.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    pages.gather()
    await public.serve(sockets=[sockets[0]])
    await end_private()
    if not public.started:
        raise SystemExit(1)


def main() -> None:
    """Run until SIGTERM."""
    set_up_logs(os.environ.get("NAVI_LOG_LEVEL", "INFO"))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve())


if __name__ == "__main__":
    main()
