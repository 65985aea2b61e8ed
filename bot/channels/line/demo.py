"""The demo's phone (only with NAVI_ENV=demo and no real LINE): a page that plays LINE.

What is tapped becomes a signed webhook to the real route; what the bot sends goes through the
real client to a LINE in memory, and the page shows it.
"""

import hashlib
import json
import re
import secrets
import time
from typing import Annotated, Any, Literal

import aiohttp
import anyio
from fastapi import APIRouter, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from bot.channels.line.channel import LineChannel
from bot.channels.line.fake import FakeLine, router
from bot.channels.line.inbound import WEBHOOK
from bot.channels.line.signature import sign
from bot.channels.web.demo import page
from bot.demo_registry import demo_members

_USER = re.compile(r"U[0-9a-f]{32}")
Kind = Literal["text", "postback", "sticker", "image", "follow", "unfollow", "unsend"]


class Tap(BaseModel):
    """What the member does on the phone."""

    user: Annotated[str, Field(pattern=_USER.pattern)]
    kind: Kind
    text: Annotated[str, Field(max_length=5000)] = ""
    shown: Annotated[str, Field(max_length=5000)] = ""
    data: Annotated[str, Field(max_length=300)] = ""
    message: Annotated[str, Field(max_length=40)] = ""


def demo_router(channel: LineChannel, line: FakeLine, own_address: str) -> APIRouter:
    """The page, its requests, the login page of the link, and the LINE in memory."""
    routes = APIRouter(prefix="/demo", include_in_schema=False)
    routes.include_router(router(line), prefix="/line-api")
    phone = _Phone(channel, line, own_address)

    @routes.get("/line", response_class=HTMLResponse)
    async def show(request: Request) -> HTMLResponse:
        return page("line_demo.html", request)

    @routes.post("/line/taps")
    async def tap(body: Tap) -> dict[str, str]:
        return {"message": await phone.tap(body)}

    @routes.get("/line/screen")
    async def screen(
        user: Annotated[str, Query(pattern=_USER.pattern)], after: Annotated[int, Query(ge=0)] = 0
    ) -> dict[str, Any]:
        return phone.screen(user, after)

    @routes.get("/line/menus/{name}.png")
    async def picture(name: str) -> Response:
        key = next((k for k, menu in line.menus.items() if menu["name"] == name), "")
        if key not in line.pictures:
            raise HTTPException(404)
        return Response(line.pictures[key], media_type="image/png")

    @routes.get("/line-link", response_class=HTMLResponse)
    async def login(
        request: Request, link_token: Annotated[str, Query(alias="linkToken")]
    ) -> Response:
        answer = page("line_link.html", request, members=demo_members(), link_token=link_token)
        answer.headers["Referrer-Policy"] = "no-referrer"  # the token is in the address
        return answer

    @routes.post("/line-link")
    async def logged_in(
        request: Request,
        number: Annotated[str, Form(max_length=6)],
        link_token: Annotated[str, Form(max_length=200)],
    ) -> Response:
        if any(member["number"] == number for member in demo_members()):
            await phone.link(request, number, link_token)
        return RedirectResponse("/demo/line", 303)

    return routes


class _Phone:
    def __init__(self, channel: LineChannel, line: FakeLine, own_address: str) -> None:
        self._channel = channel
        self._line = line
        self._own_address = own_address

    async def tap(self, tap: Tap) -> str:
        """Post the event; gives the message's id, for taking it back."""
        user, message_id = self._line.user(tap.user), str(secrets.randbelow(10**18))
        user.blocked = tap.kind == "unfollow"
        if tap.shown:
            # For the page when it is loaded anew; no message of the bot.
            user.count += 1
            user.sent.append({"n": user.count, "mine": message_id, "text": tap.shown})
        event: dict[str, Any] = {"type": tap.kind}
        match tap.kind:
            case "text":
                event = _message({"type": "text", "text": tap.text}, message_id)
            case "sticker" | "image":
                event = _message({"type": tap.kind}, message_id)
            case "postback":
                event["postback"] = {"data": tap.data}
            case "unsend":
                self._take_back(tap)
                event["unsend"] = {"messageId": tap.message}
        if tap.kind not in ("unfollow", "unsend"):
            event["replyToken"] = self._line.reply_token(tap.user)
        await self.post({**event, "source": {"type": "user", "userId": tap.user}})
        return message_id

    def _take_back(self, tap: Tap) -> None:
        user = self._line.user(tap.user)
        for sent in [sent for sent in user.sent if sent.get("mine") == tap.message]:
            user.sent.remove(sent)

    async def post(self, event: dict[str, Any]) -> None:
        """Sign and send to the real webhook."""
        whole = {
            "mode": "active",
            "timestamp": int(time.time() * 1000),
            "webhookEventId": secrets.token_hex(13).upper(),
            "deliveryContext": {"isRedelivery": False},
            **event,
        }
        raw = json.dumps(
            {"destination": self._channel.destination, "events": [whole]}, ensure_ascii=False
        ).encode()
        headers = {
            "x-line-signature": sign(self._channel.secret, raw),
            "Content-Type": "application/json",
        }
        address = self._own_address + WEBHOOK
        async with (
            aiohttp.ClientSession() as session,
            session.post(address, data=raw, headers=headers) as response,
        ):
            response.raise_for_status()

    async def link(self, request: Request, number: str, link_token: str) -> None:
        """What the member site and LINE's account-link page do, one after the other."""
        tokens, now = request.app.state.site_tokens, self._channel.clock()
        member = tokens.verify(tokens.mint(number))
        digest = hashlib.sha256(link_token.encode()).hexdigest()
        nonce = await anyio.to_thread.run_sync(self._channel.links.nonce, member, digest, now)
        user_id = self._line.user_of_link(link_token)
        if user_id is None:
            return  # an expired token: LINE sends no event at all
        await self.post(
            {
                "type": "accountLink",
                "link": {"result": "ok", "nonce": nonce},
                "replyToken": self._line.reply_token(user_id),
                "source": {"type": "user", "userId": user_id},
            }
        )

    def screen(self, user_id: str, after: int) -> dict[str, Any]:
        """What the bot sent after message `after`, whether dots are shown, the rich menu."""
        user, menu = self._line.user(user_id), self._line.menu_of(user_id)
        return {
            "messages": [sent for sent in user.sent if sent["n"] > after],
            "loading": user.loading_until > time.time(),
            "menu": menu and {k: menu[k] for k in ("name", "size", "areas", "chatBarText")},
        }


def _message(message: dict[str, Any], message_id: str) -> dict[str, Any]:
    return {"type": "message", "message": {"id": message_id, **message}}
