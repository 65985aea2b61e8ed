"""A dialogue server that answers as told: well, late, with nonsense, or not at all."""

import asyncio
import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import aiohttp
from aiohttp import web

from tests.ports import held_port, port_of

Body = dict[str, Any]
SECRET = "the-secret-of-the-tests"
STALL_S = 60.0


def reply(text: str, topic: str = "greet", **more: Any) -> Body:
    """A message as Rasa's channel hands it over."""
    return {"text": text, "custom": {"topic": topic, **more.pop("custom", {})}, **more}


def button(title: str, payload: str) -> dict[str, str]:
    """A choice as the responses name it."""
    return {"title": title, "payload": payload}


class FakeDialogue:
    """Listens on loopback in the loop of its thread. `how` is one of the behaviours below.

    answer, empty, silent (502), late (504), broken (500), starting (503), garbage, no_json,
    drop, stall, not_ready
    """

    def __init__(self) -> None:
        self.how = "answer"
        self.turns: list[Body] = []
        self.expected: list[str] = []
        self.forgotten: list[Body] = []
        self.answer: Callable[[Body], list[Body]] = self.echo
        self.seconds = 0.0
        self.together = 0
        self._under_way = 0
        self.url = ""
        self._runner: web.AppRunner | None = None
        self._held = held_port()

    @staticmethod
    def echo(body: Body) -> list[Body]:
        """The words themselves, and two buttons."""
        buttons = [
            button("請求はいつから", "/billing_start"),
            button("届いた", '/answer{"question":"opening_mail","value":"yes"}'),
        ]
        return [reply(f"「{body['text']}」ですね。", buttons=buttons)]

    def texts(self) -> list[str]:
        """What was heard, in order."""
        return [turn["text"] for turn in self.turns]

    async def start(self) -> None:
        """Listen; the second time on the same port."""
        app = web.Application()
        app.router.add_post("/webhooks/navi/turn", self._turn)
        app.router.add_post("/webhooks/navi/forget", self._forget)
        app.router.add_get("/webhooks/navi/ready", self._ready)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        port = port_of(self._held)
        site = web.TCPSite(self._runner, "127.0.0.1", port, reuse_address=True)
        await site.start()
        self.url = f"http://127.0.0.1:{port}"

    async def stop(self) -> None:
        """Nobody listens any more."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def close(self) -> None:
        """It never comes back."""
        self._held.close()

    def wait_for_turns(self, count: int) -> None:
        """Until it has heard so many; from another thread than its own."""
        until = time.monotonic() + 60
        while len(self.turns) < count:
            assert time.monotonic() < until, f"{len(self.turns)} turns instead of {count}"
            time.sleep(0.01)

    async def _ready(self, request: web.Request) -> web.Response:
        return web.json_response({}, status=503 if self.how == "not_ready" else 200)

    async def _forget(self, request: web.Request) -> web.Response:
        assert request.headers["X-Navi-Secret"] == SECRET
        self.forgotten.append(await request.json())
        return web.json_response({"blanked": 1})

    async def _turn(self, request: web.Request) -> web.StreamResponse:
        assert request.headers["X-Navi-Secret"] == SECRET
        line = b""
        try:
            async for line in request.content:
                if line.endswith(b"\n"):  # for who wants to understand the text beforehand
                    self.expected.append(json.loads(line)["text"])
        except (OSError, aiohttp.ClientError):  # it came to no turn
            return web.Response()
        body = json.loads(line)
        self.turns.append(body)
        self._under_way += 1
        while self._under_way < self.together:  # answers when so many are here at once
            await asyncio.sleep(0.01)
        if self.seconds:
            await asyncio.sleep(self.seconds)
        statuses = {"silent": 502, "late": 504, "broken": 500, "starting": 503, "refused": 403}
        if self.how in statuses:
            return web.json_response({"error": self.how}, status=statuses[self.how])
        if self.how == "drop":
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if self.how == "stall":
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(STALL_S)
            return web.Response()
        if self.how == "no_json":
            return web.Response(text="<html>Bad Gateway</html>", content_type="text/html")
        if self.how == "garbage":
            return web.json_response([1, 2, 3])
        if self.how == "empty":
            return web.json_response({"replies": []})
        if self.how == "odd":
            return web.json_response({"replies": [5, {"text": {}, "buttons": "x"}]})
        if self.how == "wordless":
            return web.json_response({"replies": [{"custom": {"topic": "greet"}}]})
        return web.json_response({"replies": self.answer(body), "repeated": False})


class Loop:
    """An event loop in a thread of its own, so that tests stay ordinary functions."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Any, timeout_s: float = 120) -> Any:
        """Run a coroutine there and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout_s)

    def close(self) -> None:
        """End the thread, and before it whatever still runs in the loop.

        A task that is left (the watcher of sse-starlette) would be destroyed whenever the garbage
        is collected, and say so on standard error in the middle of another test.
        """
        self.run(_end_the_others())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _end_the_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
