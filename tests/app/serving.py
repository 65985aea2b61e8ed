"""The app in this process, listening on loopback, over a fake dialogue server."""

import asyncio
import socket

import uvicorn

from bot.app import Apps, create_apps
from bot.serving.app_process import make_server
from bot.settings import Settings
from tests import postgres
from tests.app.fakes import SECRET, FakeDialogue, Loop


class RunningApp:
    """The public app at `base_url`; `dialogue` is what it talks to.

    `phone`: with the demo's LINE, which the app reaches at its own address.
    """

    def __init__(self, settings: Settings, phone: bool = False) -> None:
        self.settings = settings
        self._phone = phone
        self.dialogue = FakeDialogue()
        self.base_url = ""
        self.loop = Loop()
        self._server: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None
        self.apps: Apps | None = None

    def start(self) -> None:
        """Listen, the dialogue server too."""
        self.loop.run(self.dialogue.start())
        self.loop.run(self._start())

    def stop(self) -> None:
        """End both."""
        assert self.apps is not None
        engine = self.apps.public.state.engine
        pool = engine.pool
        self.loop.run(self._stop())
        self.loop.run(self.dialogue.stop())
        self.dialogue.close()
        self.loop.close()
        if engine.dialect.name == "postgresql":
            postgres.close(pool)
            engine.dispose()  # what was opened after the app's own end

    def dialogue_goes(self) -> None:
        """Nobody listens where the dialogue server was."""
        self.loop.run(self.dialogue.stop())

    def dialogue_comes_back(self) -> None:
        """It listens again at the same place."""
        self.loop.run(self.dialogue.start())

    async def _start(self) -> None:
        listener = socket.socket(proto=socket.IPPROTO_TCP)  # else asyncio sets no TCP_NODELAY
        listener.bind(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        own = self.base_url if self._phone else ""
        self.apps = create_apps(self.settings, self.dialogue.url, SECRET, own_address=own)
        self._server = make_server(self.apps.public, self.settings.trusted_proxies, "on")
        self._serving = asyncio.ensure_future(self._server.serve(sockets=[listener]))
        while not self._server.started:
            assert not self._serving.done(), "the app did not start"
            await asyncio.sleep(0.01)

    async def _stop(self) -> None:
        assert self._server is not None and self._serving is not None
        self._server.should_exit = True
        await self._serving
