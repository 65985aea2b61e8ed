"""The own account: password, open sessions."""

from functools import partial
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from bot.channels.staff.access import ACCOUNT, CheckedSession, SignedIn
from bot.channels.staff.cookies import drop_session, set_device, set_session
from bot.channels.staff.pages import page
from bot.channels.staff.signin import visit_of
from bot.staff.parts import StaffParts
from bot.staff.passwords import SHORTEST
from bot.staff.sessions import StaffSession
from bot.staff.signin import Refused

router = APIRouter()


@router.get("/account")
async def account(
    request: Request, person: SignedIn, session: CheckedSession, done: str = ""
) -> Response:
    """Password and sessions."""
    return await _page(request, session, done=done)


@router.post("/account/password")
async def change_password(
    request: Request,
    session: CheckedSession,
    current: Annotated[str, Form(max_length=1000)],
    new: Annotated[str, Form(max_length=1000)],
    again: Annotated[str, Form(max_length=1000)],
) -> Response:
    """Change the password; other browsers are signed out, this one goes on with a new session."""
    if new != again:
        return await _page(request, session, status=422, problem="differ")
    access = _parts(request).access
    change = partial(access.door.change_password, session, current, new, visit_of(request))
    result = await anyio.to_thread.run_sync(change, limiter=access.gate)
    if isinstance(result, str):
        return await _page(request, session, status=422, problem=result)
    if isinstance(result, Refused):
        wait = -(-result.wait_s // 60)
        status, problem = (429, "wait") if wait else (422, "current")
        return await _page(request, session, status=status, problem=problem, wait_minutes=wait)
    answer = RedirectResponse(f"{ACCOUNT}?done=password", 303)
    set_session(request, answer, result.session)
    set_device(request, answer, result.device)
    return answer


@router.post("/account/sessions/end")
async def end_session(
    request: Request, session: CheckedSession, which: Annotated[str, Form(max_length=24)]
) -> Response:
    """Sign another browser of the same person out."""
    close = partial(_parts(request).access.sessions.close, which, session.person.id)
    await anyio.to_thread.run_sync(close)
    await _note(request, session, "session_ended")
    return RedirectResponse(f"{ACCOUNT}?done=session", 303)


@router.post("/account/sign-out-everywhere")
async def sign_out_everywhere(request: Request, session: CheckedSession) -> Response:
    """End every session of this person, this one too."""
    close = partial(_parts(request).access.sessions.close_all, session.person.id)
    await anyio.to_thread.run_sync(close)
    await _note(request, session, "signed_out_everywhere")
    answer = RedirectResponse("/staff/sign-in", 303)
    drop_session(request, answer)
    return answer


async def _page(
    request: Request, session: StaffSession, status: int = 200, **values: object
) -> Response:
    sessions = _parts(request).access.sessions
    open_ones = await anyio.to_thread.run_sync(sessions.of_person, session.person.id)
    return page(
        request,
        "account.html",
        session.person,
        status,
        own=session,
        open_sessions=open_ones,
        shortest=SHORTEST,
        **values,
    )


async def _note(request: Request, session: StaffSession, event: str) -> None:
    await anyio.to_thread.run_sync(partial(_parts(request).audit.note, event, session.person))


def _parts(request: Request) -> StaffParts:
    parts: StaffParts = request.app.state.staff
    return parts
