"""A LINE platform in memory, with its state: for the demo phone and for the tests.

Reply tokens work once and for a minute, a repeated retry key is 409, pushes count, blocked users
read nothing, link tokens work once.
"""

import secrets
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

Json = dict[str, Any]
REPLY_LIFE_S, LINK_LIFE_S = 60.0, 600.0
_KEPT_MESSAGES, _KEPT_USERS = 200, 1000
_DEAD = "Invalid reply token"
_MONTHLY = "You have reached your monthly limit."


@dataclass
class _User:
    sent: deque[Json] = field(default_factory=lambda: deque(maxlen=_KEPT_MESSAGES))
    count: int = 0
    requests: int = 0
    blocked: bool = False
    loading_until: float = 0.0
    menu: str | None = None


class FakeLine:
    """The platform's state. `clock` gives seconds."""

    def __init__(self, quota: int | None = None, clock: Callable[[], float] = time.time) -> None:
        self.users: dict[str, _User] = {}
        self.menus: dict[str, Json] = {}
        self.pictures: dict[str, bytes] = {}
        self.default_menu: str | None = None
        self.quota, self.pushed = quota, 0
        self._clock = clock
        self._tokens: dict[str, tuple[str, float]] = {}
        self._retry_keys: set[str] = set()
        self._links: dict[str, tuple[str, float]] = {}

    def user(self, user_id: str) -> _User:
        """A user, made where there is none; the oldest are forgotten."""
        if user_id not in self.users and len(self.users) >= _KEPT_USERS:
            del self.users[next(iter(self.users))]
        return self.users.setdefault(user_id, _User())

    def reply_token(self, user_id: str) -> str:
        """A token as an event carries it."""
        now = self._clock()
        for token, (_, issued) in list(self._tokens.items()):
            if now - issued <= REPLY_LIFE_S:
                break
            del self._tokens[token]
        token = secrets.token_hex(16)
        self._tokens[token] = (user_id, now)
        return token

    def reply(self, body: Json) -> tuple[int, Json]:
        """POST /v2/bot/message/reply."""
        user_id, issued = self._tokens.pop(str(body.get("replyToken")), ("", float("-inf")))
        if self._clock() - issued > REPLY_LIFE_S:
            return 400, {"message": _DEAD}
        return 200, self._deliver(user_id, body["messages"], "reply")

    def push(self, body: Json, retry_key: str | None) -> tuple[int, Json]:
        """POST /v2/bot/message/push."""
        if retry_key in self._retry_keys:
            return 409, {"message": "The retry key is already accepted"}
        if self.quota is not None and self.pushed >= self.quota:
            return 429, {"message": _MONTHLY}
        if retry_key:
            self._retry_keys.add(retry_key)
        self.pushed += 1
        return 200, self._deliver(str(body["to"]), body["messages"], "push")

    def link_token(self, user_id: str) -> str:
        """POST /v2/bot/user/{userId}/linkToken."""
        token = secrets.token_urlsafe(24)
        self._links[token] = (user_id, self._clock())
        return token

    def user_of_link(self, link_token: str) -> str | None:
        """Whose link token it is, once and for ten minutes (LINE's account-link page)."""
        user_id, issued = self._links.pop(link_token, ("", float("-inf")))
        return user_id if self._clock() - issued <= LINK_LIFE_S else None

    def menu_of(self, user_id: str) -> Json | None:
        """The rich menu that the user sees."""
        return self.menus.get(self.user(user_id).menu or self.default_menu or "")

    def _deliver(self, user_id: str, messages: list[Json], how: str) -> Json:
        user = self.user(user_id)
        user.loading_until = 0.0
        user.requests += 1
        sent = []
        for message in messages:
            user.count += 1
            sent.append({"id": str(user.count), "quoteToken": "q"})
            if not user.blocked:
                user.sent.append({"n": user.count, "how": how, "message": message})
        return {"sentMessages": sent}


def router(line: FakeLine) -> APIRouter:
    """The part of LINE's API that the channel uses."""
    api = APIRouter(include_in_schema=False)
    _messages(api, line)
    _menus(api, line)
    return api


def _messages(api: APIRouter, line: FakeLine) -> None:
    @api.post("/v2/bot/message/reply")
    async def reply(request: Request) -> Response:
        if request.headers.get("x-line-retry-key"):
            return _answer(400, {"message": "The retry key is not supported"})
        return _answer(*line.reply(await request.json()))

    @api.post("/v2/bot/message/push")
    async def push(request: Request) -> Response:
        key = request.headers.get("x-line-retry-key")
        return _answer(*line.push(await request.json(), key))

    @api.post("/v2/bot/chat/loading/start")
    async def loading(request: Request) -> Response:
        body = await request.json()
        user = line.user(str(body["chatId"]))
        user.loading_until = time.time() + int(body.get("loadingSeconds", 20))
        return _answer(202, {})

    @api.post("/v2/bot/user/{user_id}/linkToken")
    async def link_token(user_id: str) -> Response:
        return _answer(200, {"linkToken": line.link_token(user_id)})

    @api.get("/v2/bot/info")
    async def info() -> Response:
        bot = {"userId": "U" + "0" * 32, "basicId": "@navi-demo", "displayName": "手続きナビ"}
        return _answer(200, {**bot, "chatMode": "bot", "markAsReadMode": "auto"})

    @api.get("/v2/bot/message/quota")
    async def quota() -> Response:
        limited = {"type": "limited", "value": line.quota}
        return _answer(200, {"type": "none"} if line.quota is None else limited)

    @api.get("/v2/bot/message/quota/consumption")
    async def consumption() -> Response:
        return _answer(200, {"totalUsage": line.pushed})


def _menus(api: APIRouter, line: FakeLine) -> None:
    @api.get("/v2/bot/richmenu/list")
    async def listed() -> Response:
        found = [{**menu, "richMenuId": key} for key, menu in line.menus.items()]
        return _answer(200, {"richmenus": found})

    @api.post("/v2/bot/richmenu")
    async def create(request: Request) -> Response:
        key = f"richmenu-{uuid.uuid4().hex}"
        line.menus[key] = await request.json()
        return _answer(200, {"richMenuId": key})

    @api.post("/v2/bot/richmenu/{key}/content")
    async def picture(key: str, request: Request) -> Response:
        line.pictures[key] = await request.body()
        return _answer(200, {})

    @api.delete("/v2/bot/richmenu/{key}")
    async def delete(key: str) -> Response:
        known = line.menus.pop(key, None)
        return _answer(200 if known else 404, {} if known else {"message": "richmenu not found"})

    @api.get("/v2/bot/user/all/richmenu")
    async def default() -> Response:
        if line.default_menu is None:
            return _answer(404, {"message": "no default richmenu"})
        return _answer(200, {"richMenuId": line.default_menu})

    @api.post("/v2/bot/user/all/richmenu/{key}")
    async def set_default(key: str) -> Response:
        line.default_menu = key
        return _answer(200, {})

    @api.post("/v2/bot/richmenu/bulk/link")
    async def give(request: Request) -> Response:
        body = await request.json()
        for user_id in body["userIds"]:
            line.user(user_id).menu = body["richMenuId"]
        return _answer(202, {})

    @api.delete("/v2/bot/user/{user_id}/richmenu")
    async def take(user_id: str) -> Response:
        line.user(user_id).menu = None
        return _answer(200, {})


def _answer(status: int, body: Json) -> JSONResponse:
    return JSONResponse(body, status, {"X-Line-Request-Id": uuid.uuid4().hex})
