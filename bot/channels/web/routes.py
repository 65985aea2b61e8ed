"""The conversations API (spec/api.md). Thin: HTTP in, the pipe, HTTP out."""

import json
import re
from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Depends, Header, Path, Query, Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from bot.channels.web.bodies import (
    MAX_ID,
    Feedback,
    NewConversation,
    NewMessage,
    body_of,
    described,
)
from bot.conversation import Conversations
from bot.errors import InvalidRequest, NotAuthenticated
from bot.fastjson import written
from bot.identity.site_token import SiteTokens, VerifiedMember
from bot.live import STAFF, Live
from bot.messages import Message
from bot.store.records import Conversation
from bot.text import masked_number

_SEQ = re.compile(r"[0-9]{1,9}")
_NO_BEARER = "会話の確認ができませんでした。ページを読み込み直してください。"
_NO_DEMO_CLOCK = "この設定では、時刻の指定は使えません。"
# How long a stream waits before it looks into the journal by itself: another process may have
# written there.
_LOOK_AGAIN_S = 5.0


async def bearer(authorization: Annotated[str | None, Header()] = None) -> str:
    """The access token. Raises NotAuthenticated without one."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAuthenticated(_NO_BEARER)
    return token.strip()


async def opened(
    request: Request,
    conversation_id: Annotated[str, Path(max_length=MAX_ID)],
    token: Annotated[str, Depends(bearer)],
) -> Conversation:
    """The conversation that id and token open together."""
    pipe: Conversations = request.app.state.conversations
    return await pipe.open(conversation_id, token)


Opened = Annotated[Conversation, Depends(opened)]
BASE, MESSAGES = "/api/conversations", "/{conversation_id}/messages"
router = APIRouter(prefix=BASE)


@router.post("", status_code=201)
async def start(request: Request, body: NewConversation | None = None) -> dict[str, Any]:
    """Begin a conversation, as guest or as the member of an identity token."""
    body = body or NewConversation()
    state = request.app.state
    if body.demo_now is not None and not state.settings.demo:
        raise InvalidRequest(_NO_DEMO_CLOCK)
    member = await _member(state.site_tokens, body.identity_token)
    kind = await anyio.to_thread.run_sync(state.member_kind, member.number) if member else None
    pipe: Conversations = state.conversations
    started = await pipe.start("web", member, kind, body.demo_now)
    return {
        "conversation_id": started.conversation.id,
        "access_token": started.access_token,
        "member": {"number_masked": masked_number(member.number), "kind": kind} if member else None,
        "messages": _public(started.messages),
    }


@router.post(
    MESSAGES,
    response_model=dict[str, Any],
    openapi_extra=described(NewMessage),
)
async def post(request: Request) -> Response:
    """Take a message; answers when the turn is done."""
    # `lane` calls it, and FastAPI only describes it: so the parameters are taken by hand.
    pipe: Conversations = request.app.state.conversations
    token = await bearer(request.headers.get("authorization"))
    conversation_id = await pipe.opened(request.path_params["conversation_id"], token)
    body = await body_of(request, NewMessage)
    origin = request.client.host if request.client else ""
    exchange = await pipe.post(
        conversation_id, str(body.client_message_id), body.text, body.choice, origin
    )
    told = {"accepted": exchange.accepted.public(), "replies": _public(exchange.replies)}
    return Response(written(told), media_type="application/json")


@router.get(MESSAGES)
async def messages(
    request: Request,
    conversation: Opened,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> dict[str, Any]:
    """What was said after `after`."""
    pipe: Conversations = request.app.state.conversations
    return {"messages": _public(await pipe.messages(conversation, after))}


@router.get("/{conversation_id}/events")
async def events(
    request: Request,
    conversation: Opened,
    last_event_id: Annotated[str | None, Header()] = None,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> EventSourceResponse:
    """The same as a stream; `id` is the seq, so that a client resumes where it was."""
    known = _SEQ.fullmatch(last_event_id or "")
    seen = int(known[0]) if known else after
    state = request.app.state
    stream = _stream(state.conversations, state.live, conversation, seen)
    return EventSourceResponse(stream, ping=15, headers={"Cache-Control": "no-store"})


@router.post("/{conversation_id}/typing", status_code=204)
async def typing(request: Request, conversation: Opened) -> Response:
    """The member is writing: shown to staff where they wait or talk; optional for embedders."""
    if conversation.handover_id is not None:
        live: Live = request.app.state.live
        live.signal(STAFF, "typing", conversation.id)
    return Response(status_code=204)


@router.post("/{conversation_id}/feedback", status_code=204)
async def feedback(request: Request, conversation: Opened, body: Feedback) -> Response:
    """「役に立ちましたか」."""
    pipe: Conversations = request.app.state.conversations
    await pipe.add_feedback(conversation, body.helpful, body.comment)
    return Response(status_code=204)


async def _member(tokens: SiteTokens, token: str | None) -> VerifiedMember | None:
    return None if token is None else tokens.verify(token)


async def _stream(
    pipe: Conversations, live: Live, conversation: Conversation, seen: int
) -> AsyncIterator[ServerSentEvent]:
    with live.listening(conversation.id) as notice:
        while True:
            notice.clear()
            for message in await pipe.messages(conversation, seen):
                seen = message.seq
                yield _event(message)
            for kind, name in notice.taken_signals():
                # No id: decoration that nobody resumes.
                yield ServerSentEvent(data=json.dumps({"name": name}), event=kind)
            with anyio.move_on_after(_LOOK_AGAIN_S):
                await notice.wait()


def _event(message: Message) -> ServerSentEvent:
    data = json.dumps(message.public(), ensure_ascii=False)
    return ServerSentEvent(data=data, id=str(message.seq), event="message")


def _public(found: list[Message]) -> list[dict[str, Any]]:
    return [message.public() for message in found]
