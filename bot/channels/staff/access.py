"""Who is signed in: dependencies of every staff route."""

import hmac
from functools import partial
from typing import Annotated
from urllib.parse import quote

import anyio.to_thread
from fastapi import Depends, FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from bot.channels.problems import problem
from bot.channels.staff.cookies import session_cookie
from bot.channels.staff.pages import page, wants_page
from bot.errors import NaviError
from bot.staff.members import Role, StaffMember
from bot.staff.parts import StaffParts
from bot.staff.sessions import StaffSession
from bot.staff.words import sentence

SIGN_IN = "/staff/sign-in"
ACCOUNT = "/staff/account"
_SAFE = {"GET", "HEAD", "OPTIONS"}


class SignInNeeded(NaviError, slug="staff-sign-in-needed", status=401):
    """Nobody is signed in, or the session ended."""


class NotAllowed(NaviError, slug="staff-not-allowed", status=403):
    """The account's role may not do this."""


class PasswordChangeNeeded(NaviError, slug="staff-password-change-needed", status=403):
    """The first password is still the operator's."""


class FormTooOld(NaviError, slug="staff-form-too-old", status=403):
    """The page's token is not the session's: it was loaded before another sign-in."""


async def session_of(request: Request) -> StaffSession | None:
    """The request's session, None where nobody is signed in; read once a request.

    A request with `X-Navi-Background` (a heartbeat, a poll) or a stream of events keeps no
    session alive: only what the person does counts as use.
    """
    if not hasattr(request.state, "staff_session"):
        parts: StaffParts = request.app.state.staff
        by_itself = (
            "x-navi-background" in request.headers
            or request.headers.get("accept") == "text/event-stream"
        )
        find = partial(parts.access.sessions.find, session_cookie(request), not by_itself)
        request.state.staff_session = await anyio.to_thread.run_sync(find)
    session: StaffSession | None = request.state.staff_session
    return session


async def still_signed_in(request: Request) -> bool:
    """Asked anew: for streams, which must end soon after their session does."""
    parts: StaffParts = request.app.state.staff
    find = partial(parts.access.sessions.find, session_cookie(request), False)
    return await anyio.to_thread.run_sync(find) is not None


async def checked_session(request: Request) -> StaffSession:
    """The session, with the page's token checked where something is to be changed."""
    session = await session_of(request)
    if session is None:
        raise SignInNeeded(sentence("sign_in_needed"))
    if request.method not in _SAFE:
        given = request.headers.get("x-csrf-token") or await _field(request)
        if not hmac.compare_digest(given.encode(), session.csrf.encode()):
            raise FormTooOld(sentence("form_too_old"))
    return session


CheckedSession = Annotated[StaffSession, Depends(checked_session)]


async def signed_in(request: Request, session: CheckedSession) -> StaffMember:
    """The person behind the request's session."""
    if session.must_change_password and not _is_account_page(request):
        raise PasswordChangeNeeded(sentence("password_change_needed"))
    return session.person


SignedIn = Annotated[StaffMember, Depends(signed_in)]


async def supervisor(person: SignedIn) -> StaffMember:
    """The same, where only supervisors may go on."""
    if person.role is not Role.supervisor:
        raise NotAllowed(sentence("not_allowed"))
    return person


Supervisor = Annotated[StaffMember, Depends(supervisor)]


def install(app: FastAPI) -> None:
    """Answers for those who may not come in: pages for browsers, problems for scripts."""

    @app.exception_handler(SignInNeeded)
    async def sign_in_needed(request: Request, error: SignInNeeded) -> Response:
        if not wants_page(request):
            return problem(401, error.slug, error.sentence)
        if request.method not in _SAFE:
            # What was typed is still in the page before: a redirect would lose it.
            return _message(request, error, "lost_session")
        where = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"{SIGN_IN}?next={quote(where, safe='/')}", 303)

    @app.exception_handler(PasswordChangeNeeded)
    async def change_needed(request: Request, error: PasswordChangeNeeded) -> Response:
        if wants_page(request):
            return RedirectResponse(ACCOUNT, 303)
        return problem(error.status, error.slug, error.sentence)

    @app.exception_handler(NotAllowed)
    async def not_allowed(request: Request, error: NotAllowed) -> Response:
        return _message(request, error, "not_allowed")

    @app.exception_handler(FormTooOld)
    async def form_too_old(request: Request, error: FormTooOld) -> Response:
        return _message(request, error, "form_too_old")


def _message(request: Request, error: NaviError, key: str) -> Response:
    if not wants_page(request):
        return problem(error.status, error.slug, error.sentence)
    session: StaffSession | None = getattr(request.state, "staff_session", None)
    person = session.person if session else None
    return page(request, "message.html", person, error.status, key=key, message_text=error.sentence)


def _is_account_page(request: Request) -> bool:
    path = request.url.path
    return path == ACCOUNT or path.startswith(ACCOUNT + "/")


async def _field(request: Request) -> str:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return ""
    value = (await request.form()).get("csrf", "")
    return value if isinstance(value, str) else ""
