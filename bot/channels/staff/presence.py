"""受付中 / 離席中: the switch in the bar of every page, and the console's heartbeat."""

from dataclasses import replace
from typing import Annotated
from urllib.parse import urlsplit

import anyio
from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from bot.channels.staff.access import SignedIn
from bot.channels.staff.inbox_list import inbox_words
from bot.handover.desk import HandoverDesk
from bot.handover.words import say_office
from bot.staff.members import StaffMember

router = APIRouter(prefix="/presence")


@router.post("/beat")
async def beat(request: Request, person: SignedIn) -> JSONResponse:
    """The console is open in a browser; tells what the bar shows."""
    return await _state(request, person, None)


@router.post("")
async def switch(
    request: Request, person: SignedIn, accepting: Annotated[bool, Form()]
) -> Response:
    """Throw the switch; without a script the page comes back."""
    answer = await _state(request, person, accepting)
    if "application/json" in request.headers.get("accept", ""):
        return answer
    came_from = urlsplit(request.headers.get("referer", "")).path
    return RedirectResponse(came_from if came_from.startswith("/staff/") else "/staff", 303)


async def _state(request: Request, person: StaffMember, accepting: bool | None) -> JSONResponse:
    desk: HandoverDesk = request.app.state.handover
    present = await desk.heartbeat(person, accepting)
    words = inbox_words()["presence"]
    hours = replace(await anyio.to_thread.run_sync(desk.hours.hours), is_default=False)
    return JSONResponse(
        {
            "accepting": present.accepting,
            "label": words["on" if present.accepting else "off"],
            "act": words["go_off" if present.accepting else "go_on"],
            "office": words["office"] + say_office(hours, request.app.state.clock()),
            "waiting": len((await desk.inbox(person)).waiting),
        },
        headers={"Cache-Control": "no-store"},
    )
