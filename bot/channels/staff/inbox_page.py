"""The page of the inbox, whoever asks for it, and the audit trail of looking at it."""

from typing import Any

import anyio
from fastapi import Request
from fastapi.responses import JSONResponse, Response

from bot.channels.staff.inbox_list import Viewer, inbox_words, queue_view
from bot.channels.staff.inbox_talk import talk_view
from bot.channels.staff.pages import page
from bot.errors import ConversationNotFound, NaviError
from bot.handover.desk import HandoverDesk
from bot.handover.views import Talk
from bot.staff.members import StaffMember
from bot.staff.parts import StaffParts
from bot.staff.words import staff_words


async def note_view(request: Request, person: StaffMember, talk: Talk, once: bool) -> None:
    """First the trail: what cannot be noted is not shown. Renewing a page is no new view."""
    parts: StaffParts = request.app.state.staff
    number, conversation_id = talk.summary.number, talk.item.conversation_id
    if once and parts.views.seen_lately(person.id, conversation_id):
        return
    await note(request, person, "conversation_viewed", conversation_id, number)
    parts.views.remember(person.id, conversation_id)


async def note(
    request: Request,
    person: StaffMember,
    event: str,
    conversation_id: str,
    number: str | None = None,
) -> None:
    """Add to the audit trail."""
    parts: StaffParts = request.app.state.staff
    await anyio.to_thread.run_sync(parts.audit.note, event, person, number, conversation_id)


async def show(
    request: Request,
    person: StaffMember,
    conversation_id: str | None,
    refusal: NaviError | None = None,
    unsent: str = "",
) -> Response:
    """The page; with the sentence and the unsent words of an act that was refused."""
    desk, viewer = desk_of(request), viewer_of(request, person)
    talk: Talk | None = None
    status = refusal.status if refusal else 200
    if conversation_id is not None:
        try:
            talk = await desk.talk(conversation_id)
            await note_view(request, person, talk, once=refusal is not None)
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


def desk_of(request: Request) -> HandoverDesk:
    """What the console may do with conversations."""
    desk: HandoverDesk = request.app.state.handover
    return desk


def viewer_of(request: Request, person: StaffMember) -> Viewer:
    """Who looks, and now."""
    return Viewer(person, request.app.state.clock())


def as_json(value: dict[str, Any]) -> JSONResponse:
    """An answer that nobody keeps."""
    return JSONResponse(value, headers={"Cache-Control": "no-store"})
