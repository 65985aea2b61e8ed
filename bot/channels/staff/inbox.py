"""The inbox: a list of conversations and one of them, as pages that work without a script.

With a script the same addresses are asked in the background (`Accept: application/json`): acts
answer 204 or a problem document, and `…/parts` gives the pieces of the page that may have changed.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from bot.channels.staff.access import SignedIn
from bot.channels.staff.inbox_list import Viewer, inbox_words, queue_view
from bot.channels.staff.inbox_talk import talk_view
from bot.channels.staff.pages import fragment, page
from bot.errors import ConversationNotFound, NaviError
from bot.handover.desk import HandoverDesk
from bot.handover.views import Talk
from bot.staff.members import StaffMember
from bot.staff.parts import StaffParts
from bot.staff.words import staff_words

_RECENT = 60  # lines that a refresh brings; a browser that lacks more asks for all

ConversationId = Annotated[str, Path(max_length=64)]
Text = Annotated[str, Form(max_length=20_000)]
router = APIRouter()


@router.get("/inbox")
async def inbox(request: Request, person: SignedIn) -> Response:
    """The list alone."""
    return await _show(request, person, None)


@router.get("/inbox/queue")
async def queue(request: Request, person: SignedIn, open: str = "") -> Response:
    """The list as a piece of the page; `open` is the conversation beside it."""
    found = await _desk(request).inbox(person)
    html = fragment(
        "inbox_list.html", queue=queue_view(found, _viewer(request, person)), open_id=open,
        w=inbox_words(),
    )  # fmt: skip
    return _json({"html": html, "event_id": found.event_id, "waiting": len(found.waiting)})


@router.get("/inbox/{conversation_id}")
async def conversation(
    request: Request, person: SignedIn, conversation_id: ConversationId
) -> Response:
    """The list and one conversation."""
    return await _show(request, person, conversation_id)


@router.get("/inbox/{conversation_id}/parts")
async def parts(
    request: Request, person: SignedIn, conversation_id: ConversationId, all: bool = False
) -> Response:
    """What may have changed of a conversation that is open in a browser."""
    talk = await _desk(request).talk(conversation_id)
    await _note_view(request, person, talk, once=True)
    view = talk_view(talk, _viewer(request, person), most=None if all else _RECENT)
    values: dict[str, Any] = {"talk": view, "w": inbox_words(), "csrf": "", "problem": ""}
    pieces = {
        name: fragment(f"inbox_{name}.html", items=view["said"], **values)
        for name in ("bar", "summary", "items")
    }
    plain = ("may_reply", "reply_state", "last_seq", "who")
    return _json({**pieces, **{key: view[key] for key in plain}})


@router.post("/inbox/{conversation_id}/take")
async def take(request: Request, person: SignedIn, conversation_id: ConversationId) -> Response:
    """引き受ける. Says who has it where somebody was faster."""
    return await _act(
        request,
        person,
        conversation_id,
        lambda: _desk(request).take(conversation_id, person),
        event="conversation_taken",
    )


@router.post("/inbox/{conversation_id}/take-over")
async def take_over(
    request: Request,
    person: SignedIn,
    conversation_id: ConversationId,
    from_owner: Annotated[str, Form(max_length=64)],
) -> Response:
    """代わりに引き受ける: from the colleague whom the page showed."""
    return await _act(
        request,
        person,
        conversation_id,
        lambda: _desk(request).take(conversation_id, person, from_owner),
        event="conversation_taken",
    )


@router.post("/inbox/{conversation_id}/release")
async def release(request: Request, person: SignedIn, conversation_id: ConversationId) -> Response:
    """自動案内に戻す."""
    return await _act(
        request,
        person,
        conversation_id,
        lambda: _desk(request).give_back(conversation_id, person),
        event="conversation_returned",
    )


@router.post("/inbox/{conversation_id}/close")
async def close(request: Request, person: SignedIn, conversation_id: ConversationId) -> Response:
    """終了する."""
    return await _act(
        request,
        person,
        conversation_id,
        lambda: _desk(request).close(conversation_id, person),
        event="conversation_closed",
    )


@router.post("/inbox/{conversation_id}/say")
async def say(
    request: Request,
    person: SignedIn,
    conversation_id: ConversationId,
    text: Text,
    client_id: Annotated[str, Form(max_length=36)],
) -> Response:
    """A person's words to the member; the same `client_id` again says nothing twice."""
    words = text.replace("\r\n", "\n")
    return await _act(
        request,
        person,
        conversation_id,
        lambda: _desk(request).say(conversation_id, person, client_id, words),
        text,
    )


@router.post("/inbox/{conversation_id}/note")
async def note(
    request: Request, person: SignedIn, conversation_id: ConversationId, text: Text
) -> Response:
    """A note for colleagues."""
    words = text.replace("\r\n", "\n")
    return await _act(
        request,
        person,
        conversation_id,
        lambda: _desk(request).add_note(conversation_id, person, words),
    )


@router.post("/inbox/{conversation_id}/typing", status_code=204)
async def typing(request: Request, person: SignedIn, conversation_id: ConversationId) -> Response:
    """Somebody writes: shown to the member for some seconds."""
    await _desk(request).typing(conversation_id, person)
    return Response(status_code=204)


async def _act(
    request: Request,
    person: StaffMember,
    conversation_id: str,
    act: Callable[[], Awaitable[object]],
    unsent: str = "",
    event: str | None = None,
) -> Response:
    """Do it; without a script the page comes back, with the refusal's sentence and the words.

    `event` is what the audit trail calls it.
    """
    in_background = "application/json" in request.headers.get("accept", "")
    try:
        await act()
        if event is not None:
            await _note(request, person, event, conversation_id)
    except NaviError as refusal:
        if in_background:
            raise
        return await _show(request, person, conversation_id, refusal, unsent)
    if in_background:
        return Response(status_code=204)
    return RedirectResponse(f"/staff/inbox/{conversation_id}", 303)


async def _note_view(request: Request, person: StaffMember, talk: Talk, once: bool) -> None:
    """First the trail: what cannot be noted is not shown. Renewing a page is no new view."""
    parts: StaffParts = request.app.state.staff
    number, conversation_id = talk.summary.number, talk.item.conversation_id
    if once and parts.views.seen_lately(person.id, conversation_id):
        return
    await _note(request, person, "conversation_viewed", conversation_id, number)
    parts.views.remember(person.id, conversation_id)


async def _note(
    request: Request,
    person: StaffMember,
    event: str,
    conversation_id: str,
    number: str | None = None,
) -> None:
    parts: StaffParts = request.app.state.staff
    await anyio.to_thread.run_sync(parts.audit.note, event, person, number, conversation_id)


async def _show(
    request: Request,
    person: StaffMember,
    conversation_id: str | None,
    refusal: NaviError | None = None,
    unsent: str = "",
) -> Response:
    desk, viewer = _desk(request), _viewer(request, person)
    talk: Talk | None = None
    status = refusal.status if refusal else 200
    if conversation_id is not None:
        try:
            talk = await desk.talk(conversation_id)
            await _note_view(request, person, talk, once=refusal is not None)
        except ConversationNotFound as gone:
            status = gone.status
    listed = await desk.inbox(person)
    return page(
        request,
        "inbox.html",
        person,
        status,
        queue=queue_view(listed, viewer),
        open_id=conversation_id or "",
        talk=talk_view(talk, viewer) if talk else None,
        problem=refusal.sentence if refusal else "",
        unsent=unsent,
        w=inbox_words(),
        hours_title=staff_words("staff_hours")["title"],
        script_words=_for_scripts(person, listed.event_id, talk),
    )


def _for_scripts(person: StaffMember, event_id: int, talk: Talk | None) -> dict[str, Any]:
    words = inbox_words()
    return {
        "me": person.id,
        "eventId": event_id,
        "isOpen": talk is not None,
        **{key: words[key] for key in ("notice", "reply", "notes", "saved", "talk")},
    }


def _desk(request: Request) -> HandoverDesk:
    desk: HandoverDesk = request.app.state.handover
    return desk


def _viewer(request: Request, person: StaffMember) -> Viewer:
    return Viewer(person, request.app.state.clock())


def _json(value: dict[str, Any]) -> JSONResponse:
    return JSONResponse(value, headers={"Cache-Control": "no-store"})
