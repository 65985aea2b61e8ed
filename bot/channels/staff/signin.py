"""Sign-in and sign-out, and the demo's two buttons."""

import re
from functools import partial
from typing import Annotated

import anyio.to_thread
import structlog
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from bot.channels.staff.access import CheckedSession, session_of
from bot.channels.staff.cookies import (
    device_cookie,
    drop_session,
    session_cookie,
    set_device,
    set_session,
)
from bot.channels.staff.pages import page
from bot.errors import NaviError
from bot.staff import totp
from bot.staff.demo_accounts import DEMO_ACCOUNTS
from bot.staff.members import Role
from bot.staff.parts import Access
from bot.staff.signin import Refused, Visit
from bot.staff.words import sentence

_LOG = structlog.get_logger()
_HOME = "/staff/inbox"
_FORM = "/staff/sign-in"
_LOCAL = re.compile(r"/staff(?:/[\w.~%-]+)*/?(?:\?[\w.~%&=+-]*)?", re.ASCII)

_DEMO = {account.role: account for account in DEMO_ACCOUNTS}

router = APIRouter()


class DemoOnly(NaviError, slug="not-found", status=404):
    """The demo's accounts are asked for outside demo mode."""


@router.get("")
@router.get("/")
async def home() -> Response:
    """The console begins with the inbox."""
    return RedirectResponse(_HOME, 303)


@router.get("/sign-in")
async def form(request: Request, next: str = "") -> Response:
    """The form; who is signed in goes on at once."""
    if await session_of(request) is not None:
        return RedirectResponse(local_path(next), 303)
    access: Access = request.app.state.staff.access
    if not await anyio.to_thread.run_sync(access.accounts.in_use):
        _LOG.warning("nobody can sign in to the staff console yet: navi staff add LOGIN …")
        return page(request, "message.html", None, 503, key="not_set_up")
    return _form(request, next)


@router.post("/sign-in")
async def sign_in(
    request: Request,
    login: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=1000)],
    code: Annotated[str, Form(max_length=40)],
    next: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Sign in. Nobody has a session yet, so the guard's look at the origin stands for its token."""
    return await _enter(request, login, password, code, next)


@router.post("/sign-in/demo")
async def demo_sign_in(
    request: Request,
    role: Annotated[Role, Form()],
    next: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """What the demo's buttons do: sign in with the secrets that the page shows anyway."""
    if not request.app.state.settings.demo:
        raise DemoOnly(sentence("not_found"))
    account = _DEMO[role]
    code = totp.code_at(account.totp_secret, request.app.state.staff.clock())
    return await _enter(request, account.login, account.password, code, next)


@router.post("/sign-out")
async def sign_out(request: Request, session: CheckedSession) -> Response:
    """End this session."""
    access: Access = request.app.state.staff.access
    await anyio.to_thread.run_sync(access.door.sign_out, session_cookie(request))
    # Nobody is promised a person who has just gone home.
    await request.app.state.handover.leave(session.person)
    answer = RedirectResponse(_FORM, 303)
    drop_session(request, answer)
    return answer


def local_path(wanted: str) -> str:
    """Where to go after signing in: a page of the console, whatever the address said."""
    fits = _LOCAL.fullmatch(wanted) and ".." not in wanted and not wanted.startswith(_FORM)
    return wanted if fits else _HOME


def visit_of(request: Request) -> Visit:
    """Where the request comes from."""
    return Visit(
        address=request.client.host if request.client else "",
        browser=request.headers.get("user-agent", ""),
        device=device_cookie(request),
        session=session_cookie(request),
    )


async def _enter(request: Request, login: str, password: str, code: str, wanted: str) -> Response:
    access: Access = request.app.state.staff.access
    enter = partial(access.door.sign_in, login, password, code, visit_of(request))
    result = await anyio.to_thread.run_sync(enter, limiter=access.gate)
    if isinstance(result, Refused):
        return _form(request, wanted, login, result)
    answer = RedirectResponse(local_path(wanted), 303)
    set_session(request, answer, result.session)
    set_device(request, answer, result.device)
    return answer


def _form(
    request: Request, wanted: str, login: str = "", refused: Refused | None = None
) -> Response:
    now, demo = request.app.state.staff.clock(), []
    if request.app.state.settings.demo:
        demo = [(a, totp.code_at(a.totp_secret, now)) for a in DEMO_ACCOUNTS]
    status = 200 if refused is None else 429 if refused.wait_s else 422
    answer = page(
        request,
        "sign_in.html",
        None,
        status,
        next=local_path(wanted) if wanted else "",
        login=login,
        refused=refused,
        wait_minutes=-(-refused.wait_s // 60) if refused else 0,
        accounts=demo,
    )
    if refused and refused.wait_s:
        answer.headers["Retry-After"] = str(refused.wait_s)
    return answer
