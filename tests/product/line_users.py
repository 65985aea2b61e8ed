"""People who write on LINE to a running product, through a LINE that the tests play."""

import asyncio
import hashlib
import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from bot.channels.line.fake import FakeLine, router
from bot.channels.line.signature import sign

SECRET, TOKEN, BOT = "channel-secret-of-the-tests", "token-of-the-tests", "U" + "b" * 32
Json = dict[str, Any]


def settings(platform_url: str) -> dict[str, str]:
    """The product's settings for the LINE of the tests."""
    return {
        "NAVI_LINE_CHANNEL_SECRET": SECRET,
        "NAVI_LINE_CHANNEL_TOKEN": TOKEN,
        "NAVI_LINE_DESTINATION": BOT,
        "NAVI_LINE_API_BASE": platform_url,
    }


@contextmanager
def platform(line: FakeLine) -> Iterator[str]:
    """LINE on loopback in a thread of its own; gives its address."""
    app = FastAPI()
    app.include_router(router(line))
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    server.capture_signals = nullcontext  # type: ignore[method-assign,assignment]
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        thread.join()


@dataclass
class LineUser:
    """One who writes; LINE delivers each event until the product has said 200."""

    line: FakeLine
    webhook: str
    number: int
    sent: list[str] = field(default_factory=list)
    deliveries: int = 0

    def __post_init__(self) -> None:
        # Plain HTTP on loopback; a client with certificates for each event would cost more than it.
        closing = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.Client(timeout=20, limits=closing, trust_env=False, verify=False)

    @property
    def id(self) -> str:
        """LINE's user id."""
        return "U" + hashlib.sha256(f"line user {self.number}".encode()).hexdigest()[:32]

    def text(self, text: str) -> str:
        """Send a text; gives the event's id."""
        message = {"type": "text", "id": str(time.time_ns()), "text": text}
        return self.deliver({"type": "message", "message": message})

    def press(self, data: str) -> str:
        """Press a button that carries `data`."""
        return self.deliver({"type": "postback", "postback": {"data": data}})

    def deliver(self, event: Json) -> str:
        """Deliver until it is taken."""
        event_id = secrets.token_hex(13).upper()
        whole = {
            "mode": "active",
            "timestamp": int(time.time() * 1000),
            "webhookEventId": event_id,
            "deliveryContext": {"isRedelivery": False},
            "source": {"type": "user", "userId": self.id},
            "replyToken": self.line.reply_token(self.id),
            **event,
        }
        self.sent.append(event_id)
        until = time.monotonic() + 240
        while time.monotonic() < until:
            self.deliveries += 1
            if self._post(whole):
                return event_id
            whole["deliveryContext"] = {"isRedelivery": True}
            time.sleep(0.2)
        raise AssertionError("the product never took an event")

    def read(self) -> list[str]:
        """What the user reads."""
        shown = [sent["message"] for sent in list(self.line.user(self.id).sent)]
        return [str(m.get("text") or m.get("altText")) for m in shown]

    def answers(self) -> int:
        """Answers that LINE took for this user, each with up to five messages."""
        return self.line.user(self.id).requests

    def unanswered(self) -> int:
        """Events that were taken by the product and are not answered yet."""
        return len(self.sent) - self.answers()

    def _post(self, event: Json) -> bool:
        raw = json.dumps({"destination": BOT, "events": [event]}, ensure_ascii=False).encode()
        headers = {"x-line-signature": sign(SECRET, raw), "content-type": "application/json"}
        try:
            answer = self._client.post(self.webhook, content=raw, headers=headers)
        except httpx.TransportError:
            return False
        assert answer.status_code in (200, 429, 500, 502, 503), answer.text
        return answer.status_code == 200
