"""What happens in the inbox, as server-sent events that a browser can resume.

`id:` is the number in the desk's log of events, so a browser that slept is told what it missed.
"""

import json
import re
import time
from collections.abc import AsyncIterator
from typing import Annotated

import anyio
from fastapi import APIRouter, Header, Query, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from bot.channels.staff.access import SignedIn, still_signed_in
from bot.handover.desk import HandoverDesk
from bot.live import STAFF, Live
from bot.staff.members import StaffMember

_LOOK_AGAIN_S = 5.0  # another process may have written
_NUMBER = re.compile(r"[0-9]{1,15}")
_BEAT_EVERY_S = 15.0  # scripts cannot see comments, so a beat is an event

router = APIRouter()


@router.get("/inbox/events")
async def events(
    request: Request,
    person: SignedIn,
    last_event_id: Annotated[str | None, Header()] = None,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
) -> EventSourceResponse:
    """Events after `Last-Event-ID`, and then as they happen, as long as the person may look."""
    known = _NUMBER.fullmatch(last_event_id or "")
    seen = int(known[0]) if known else after
    headers = {"Cache-Control": "no-store"}
    return EventSourceResponse(stream(request, person, seen), ping=15, headers=headers)


async def stream(
    request: Request, person: StaffMember, seen: int
) -> AsyncIterator[ServerSentEvent]:
    """Events after number `seen`, for as long as the session lasts."""
    desk: HandoverDesk = request.app.state.handover
    live: Live = request.app.state.live
    with live.listening(STAFF) as listener:
        beat_at = time.monotonic()
        while True:
            listener.clear()
            for event in await desk.events(seen):
                seen = event.id
                yield _event("change", json.dumps(event.public()), str(event.id))
            for kind, conversation_id in listener.taken_signals():
                yield _event(kind, json.dumps({"conversation_id": conversation_id}))
            with anyio.move_on_after(_LOOK_AGAIN_S):
                await listener.wait()
            if not await still_signed_in(request):
                yield _event("signed-out", "{}")
                return
            if time.monotonic() - beat_at >= _BEAT_EVERY_S:
                beat_at = time.monotonic()
                # An open stream is an open console, also where a browser slows the page's timers.
                await desk.heartbeat(person)
                yield _event("beat", "{}")


def _event(kind: str, data: str, number: str | None = None) -> ServerSentEvent:
    return ServerSentEvent(data=data, event=kind, id=number)
