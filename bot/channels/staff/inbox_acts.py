"""What a person does in the inbox. Forms without a script, requests in the background with one."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from bot.channels.staff.access import SignedIn
from bot.channels.staff.inbox_page import desk_of, note, show
from bot.errors import NaviError
from bot.staff.members import StaffMember

ConversationId = Annotated[str, Path(max_length=64)]
Text = Annotated[str, Form(max_length=20_000)]
# The last message that the page showed; nobody ends a talk over words that they have not read.
Seen = Annotated[int | None, Form(ge=0, le=2**31 - 1)]
router = APIRouter(prefix="/inbox/{conversation_id}")


@router.post("/take")
async def take(request: Request, person: SignedIn, conversation_id: ConversationId) -> Response:
    """引き受ける. Says who has it where somebody was faster."""
    return await _act(
        request,
        person,
        conversation_id,
        lambda: desk_of(request).take(conversation_id, person),
        event="conversation_taken",
    )


@router.post("/take-over")
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
        lambda: desk_of(request).take(conversation_id, person, from_owner),
        event="conversation_taken",
    )


@router.post("/release")
async def release(
    request: Request, person: SignedIn, conversation_id: ConversationId, seen: Seen = None
) -> Response:
    """自動案内に戻す."""
    return await _act(
        request,
        person,
        conversation_id,
        lambda: desk_of(request).give_back(conversation_id, person, seen),
        event="conversation_returned",
    )


@router.post("/close")
async def close(
    request: Request, person: SignedIn, conversation_id: ConversationId, seen: Seen = None
) -> Response:
    """終了する."""
    return await _act(
        request,
        person,
        conversation_id,
        lambda: desk_of(request).close(conversation_id, person, seen),
        event="conversation_closed",
    )


@router.post("/say")
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
        lambda: desk_of(request).say(conversation_id, person, client_id, words),
        text,
    )


@router.post("/note")
async def add_note(
    request: Request, person: SignedIn, conversation_id: ConversationId, text: Text
) -> Response:
    """A note for colleagues."""
    words = text.replace("\r\n", "\n")
    return await _act(
        request,
        person,
        conversation_id,
        lambda: desk_of(request).add_note(conversation_id, person, words),
    )


@router.post("/typing", status_code=204)
async def typing(request: Request, person: SignedIn, conversation_id: ConversationId) -> Response:
    """Somebody writes: shown to the member for some seconds."""
    await desk_of(request).typing(conversation_id, person)
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
            await note(request, person, event, conversation_id)
    except NaviError as refusal:
        if in_background:
            raise
        return await show(request, person, conversation_id, refusal, unsent)
    if in_background:
        return Response(status_code=204)
    return RedirectResponse(f"/staff/inbox/{conversation_id}", 303)
