"""The inbox: a list of conversations and one of them, as pages that work without a script.

With a script the same addresses are asked in the background (`Accept: application/json`): acts
answer 204 or a problem document, and `…/parts` gives the pieces of the page that may have changed.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from bot.channels.staff.access import SignedIn
from bot.channels.staff.inbox_list import inbox_words, queue_view
from bot.channels.staff.inbox_page import as_json, desk_of, note_view, show, viewer_of
from bot.channels.staff.inbox_talk import talk_view
from bot.channels.staff.pages import fragment

_RECENT = 60  # lines that a refresh brings; a browser that lacks more asks for all

ConversationId = Annotated[str, Path(max_length=64)]
router = APIRouter()


@router.get("/inbox")
async def inbox(request: Request, person: SignedIn) -> Response:
    """The list alone."""
    return await show(request, person, None)


@router.get("/inbox/queue")
async def queue(request: Request, person: SignedIn, open: str = "") -> Response:
    """The list as a piece of the page; `open` is the conversation beside it."""
    found = await desk_of(request).inbox(person)
    html = fragment(
        "inbox_list.html", queue=queue_view(found, viewer_of(request, person)), open_id=open,
        w=inbox_words(),
    )  # fmt: skip
    return as_json({"html": html, "event_id": found.event_id, "waiting": len(found.waiting)})


@router.get("/inbox/{conversation_id}")
async def conversation(
    request: Request, person: SignedIn, conversation_id: ConversationId
) -> Response:
    """The list and one conversation."""
    return await show(request, person, conversation_id)


@router.get("/inbox/{conversation_id}/parts")
async def parts(
    request: Request, person: SignedIn, conversation_id: ConversationId, all: bool = False
) -> Response:
    """What may have changed of a conversation that is open in a browser."""
    talk = await desk_of(request).talk(conversation_id)
    await note_view(request, person, talk, once=True)
    view = talk_view(talk, viewer_of(request, person), most=None if all else _RECENT)
    values: dict[str, Any] = {"talk": view, "w": inbox_words(), "csrf": "", "problem": ""}
    pieces = {
        name: fragment(f"inbox_{name}.html", items=view["said"], **values)
        for name in ("bar", "summary", "items")
    }
    plain = ("may_reply", "reply_state", "last_seq", "who")
    return as_json({**pieces, **{key: view[key] for key in plain}})
