"""A small server with the contract's conversation routes, and faults on demand.

It also serves the static files and the demo pages, under the content security policy that the
real server is expected to send.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import uvicorn
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles

from tests.browser import fake_script as script
from tests.browser.fake_site import add_site

STATIC = Path(__file__).resolve().parents[2] / "bot" / "channels" / "web" / "static"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

FaultKind = Literal["hold", "unavailable", "drop", "lose_answer"]


@dataclass(frozen=True)
class Fault:
    """What happens to one request: held until `let_go`, 503, cut before the work, or after it."""

    kind: FaultKind
    retry_after: int = 0


@dataclass
class Conversation:
    """One conversation as the fake server knows it."""

    id: str
    token: str
    member: dict[str, str | None] | None
    messages: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=dict)
    offered: dict[str, tuple[str, str]] = field(default_factory=dict)
    asking: str | None = None
    by_staff: bool = False
    signals: list[dict[str, Any]] = field(default_factory=list)
    typed: int = 0

    def add(self, line: script.Line, **facts: Any) -> dict[str, Any]:
        """Journals a message and returns it as the API shows it."""
        choices = [
            {"id": secrets.token_hex(6), "label": label, "value": value}
            for label, value in line.choices
        ]
        self.offered.update({c["id"]: (c["label"], c["value"]) for c in choices})
        message = {
            "id": secrets.token_hex(8),
            "seq": len(self.messages) + 1,
            "author": line.author,
            "text": line.text,
            "choices": choices,
            "links": [{"label": label, "url": url} for label, url in line.links],
            "card": line.card(),
            "topic": line.topic,
            "outcome": line.outcome,
            "question": line.question,
            "facts": facts,
            "created_at": datetime.now(UTC).isoformat(),
        }
        self.messages.append(message)
        return message

    def take(self, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to one message of the member; the same again for the same id."""
        key = body["client_message_id"]
        if key in self.answers:
            return self.answers[key][1]
        label, said = self.offered[body["choice"]] if "choice" in body else (body["text"],) * 2
        accepted = self.add(script.Line(label, author="member"))
        lines: list[script.Line] = []
        if not self.by_staff:
            self.asking, lines = script.reply(self.asking, said, self.member is not None)
        answer = {"accepted": accepted, "replies": [self.add(line) for line in lines]}
        self.answers[key] = (body, answer)
        return answer


class FakeDesk:
    """The server's memory, and the handles that tests turn."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.reset()

    def reset(self) -> None:
        """Forgets everything, and lets go what is held."""
        self.let_go.set()
        self.conversations: dict[str, Conversation] = {}
        self.faults: deque[Fault] = deque()
        self.create_faults: deque[Fault] = deque()
        self.requests: list[tuple[str, str, Any]] = []
        self.feedback: list[dict[str, Any]] = []
        self.let_go = threading.Event()
        self.tokens_refused = False
        self.events_work = True

    @property
    def newest(self) -> Conversation:
        return list(self.conversations.values())[-1]

    def said(self) -> list[str]:
        """The member's words in the newest conversation, as journalled."""
        return [m["text"] for m in self.newest.messages if m["author"] == "member"]

    def sent_ids(self) -> list[str]:
        """client_message_id of every attempt that arrived, in order."""
        bodies = [body for method, path, body in self.requests if path.endswith("/messages")]
        return [body["client_message_id"] for body in bodies if body]

    def staff_takes(self, name: str) -> None:
        """A person takes the conversation over: the bot is silent from now on."""
        self.newest.by_staff = True
        line = script.Line(f"担当者の{name}が代わりました。", author="system")
        self.newest.add(line, owner="staff", staff_name=name)

    def staff_leaves(self) -> None:
        """The bot has it again."""
        self.newest.by_staff = False
        self.newest.add(script.Line("自動のご案内に戻ります。", author="system"), owner="bot")

    def staff_says(self, text: str, **facts: Any) -> None:
        self.newest.add(script.Line(text, author="staff"), **facts)

    def staff_types(self, name: str) -> None:
        self.newest.signals.append({"name": name})

    def find(self, request: Request) -> Conversation | None:
        found = self.conversations.get(request.path_params["id"])
        bearer = request.headers.get("authorization", "")
        return found if found and bearer == f"Bearer {found.token}" else None


def problem(status: int, detail: str, **headers: str) -> JSONResponse:
    body = {"type": "about:blank", "title": "problem", "status": status, "detail": detail}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


class Cut(StreamingResponse):
    """Promises a body and breaks the connection instead."""

    def __init__(self) -> None:
        async def nothing() -> AsyncIterator[bytes]:
            yield b"{"
            raise ConnectionAbortedError

        super().__init__(nothing(), headers={"content-length": "1000"})


async def before(fault: Fault | None, desk: FakeDesk) -> Response | None:
    """The fault's answer, where it strikes before the work."""
    if fault is None:
        return None
    let_go = desk.let_go
    while fault.kind == "hold" and not let_go.is_set():
        await asyncio.sleep(0.02)
    if fault.kind == "unavailable":
        extra = {"retry-after": str(fault.retry_after)} if fault.retry_after else {}
        return problem(503, "ただいま確認できません。", **extra)
    return Cut() if fault.kind == "drop" else None


def add_api(app: FastAPI, desk: FakeDesk) -> None:
    """The contract's conversation routes."""

    @app.post("/api/conversations")
    async def create(request: Request) -> Response:
        body = await request.json()
        desk.requests.append(("POST", "/api/conversations", body))
        fault = desk.create_faults.popleft() if desk.create_faults else None
        if answer := await before(fault, desk):
            return answer
        token = body.get("identity_token")
        if token and desk.tokens_refused:
            return problem(401, "本人確認の有効期限が切れています。")
        member: dict[str, str | None] | None
        member = {"number_masked": f"***{token[-3:]}", "kind": "individual"} if token else None
        made = Conversation(secrets.token_hex(16), secrets.token_hex(16), member)
        desk.conversations[made.id] = made
        messages = [made.add(line) for line in script.opening(member is not None)]
        shown = {"conversation_id": made.id, "access_token": made.token, "member": member}
        return JSONResponse({**shown, "messages": messages}, 201)

    @app.post("/api/conversations/{id}/messages")
    async def send(request: Request) -> Response:
        body = await request.json()
        desk.requests.append(("POST", request.url.path, body))
        fault = desk.faults.popleft() if desk.faults else None
        if answer := await before(fault, desk):
            return answer
        conversation = desk.find(request)
        if conversation is None:
            return problem(404, "会話が見つかりません。")
        if not 1 <= len(body.get("text", "x").strip()) <= 1000 or body.get("text") == "断る":
            return problem(422, "この内容はお受けできません。短くしてください。")
        result = conversation.take(body)
        return Cut() if fault and fault.kind == "lose_answer" else JSONResponse(result)

    @app.get("/api/conversations/{id}/messages")
    async def messages(request: Request, after: int = 0) -> Response:
        desk.requests.append(("GET", request.url.path, None))
        conversation = desk.find(request)
        if conversation is None:
            return problem(404, "会話が見つかりません。")
        return JSONResponse({"messages": [m for m in conversation.messages if m["seq"] > after]})

    @app.get("/api/conversations/{id}/events")
    async def events(request: Request) -> Response:
        conversation = desk.find(request)
        if conversation is None or not desk.events_work:
            return problem(404, "会話が見つかりません。")
        cursor = int(request.headers.get("last-event-id", "0"))
        return StreamingResponse(stream(conversation, cursor), media_type="text/event-stream")

    @app.post("/api/conversations/{id}/typing")
    async def typing(request: Request) -> Response:
        conversation = desk.find(request)
        if conversation is None:
            return problem(404, "会話が見つかりません。")
        conversation.typed += 1
        return Response(status_code=204)

    @app.post("/api/conversations/{id}/feedback")
    async def feedback(request: Request) -> Response:
        if desk.find(request) is None:
            return problem(404, "会話が見つかりません。")
        desk.feedback.append(await request.json())
        return Response(status_code=204)


async def stream(conversation: Conversation, cursor: int) -> AsyncIterator[str]:
    yield ": hello\r\n\r\n"
    while True:
        for message in conversation.messages[cursor:]:
            cursor = message["seq"]
            data = json.dumps(message)
            yield f"id: {cursor}\r"  # any line end, cut anywhere
            yield f"\nevent: message\r\ndata: {data[:40]}"
            yield f"{data[40:]}\r\n\r\n"
        while conversation.signals:
            yield f"event: typing\ndata: {json.dumps(conversation.signals.pop(0))}\n\n"
        await asyncio.sleep(0.1)


def make_app(desk: FakeDesk) -> FastAPI:
    app = FastAPI()
    add_api(app, desk)
    add_site(app, desk)
    app.mount("/static", StaticFiles(directory=STATIC))
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
        expose_headers=["Retry-After"],
    )

    @app.middleware("http")
    async def guard(request: Request, call_next: Any) -> Response:
        response: Response = await call_next(request)
        response.headers.setdefault("content-security-policy", CSP)
        response.headers["cache-control"] = "no-store"
        return response

    return app


@contextmanager
def serve(desk: FakeDesk) -> Iterator[str]:
    """Runs the fake server in a thread; yields its base URL."""
    config = uvicorn.Config(
        make_app(desk), port=0, log_level="critical", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started:
        if time.monotonic() > deadline:
            raise RuntimeError("the fake server did not start")
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(5)
