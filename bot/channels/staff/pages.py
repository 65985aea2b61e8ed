"""Server-rendered pages of the console, with their frame and their Content-Security-Policy."""

import secrets
from datetime import datetime

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from bot.settings import PROJECT_ROOT
from bot.staff.audit import TOKYO
from bot.staff.members import StaffMember
from bot.staff.sessions import StaffSession
from bot.staff.words import browser_name, staff_words

_WEEKDAYS = "月火水木金土日"
_PAGES = Environment(
    loader=FileSystemLoader(PROJECT_ROOT / "bot/channels/staff/pages"),
    autoescape=select_autoescape(["html"]),
    trim_blocks=True,
    lstrip_blocks=True,
)


def local_time(at: datetime) -> str:
    """An instant in Japan time: 2026年6月11日（木）9:05."""
    local = at.astimezone(TOKYO)
    day = f"{local.year}年{local.month}月{local.day}日（{_WEEKDAYS[local.weekday()]}）"
    return f"{day}{local.hour}:{local:%M}"


_PAGES.filters["local_time"] = local_time
_PAGES.globals["words_of"] = staff_words
_PAGES.filters["browser_name"] = browser_name


def page(
    request: Request, name: str, person: StaffMember | None, status: int = 200, **values: object
) -> HTMLResponse:
    """The page `name`.

    Templates get `person`, `nonce`, `demo`, `csrf`, `path`, `words` (staff.yml), the filter
    `local_time` and `words_of` (another file of wordings) besides `values`.
    """
    nonce = secrets.token_urlsafe(16)
    session: StaffSession | None = getattr(request.state, "staff_session", None)
    html = _PAGES.get_template(name).render(
        person=person,
        nonce=nonce,
        csrf=session.csrf if session else "",
        demo=request.app.state.settings.demo,
        path=request.url.path,
        words=staff_words(),
        # By the last word of the menu's address; a part may also fill its own in by script.
        counts={"cases": request.app.state.staff.follow_ups.count()} if person else {},
        **values,
    )
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
    return HTMLResponse(html, status, headers)


def fragment(name: str, **values: object) -> str:
    """A piece of a page, for scripts that renew a part of it."""
    return _PAGES.get_template(name).render(**values)


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks for a page (not a script, an image or a stream)."""
    if request.headers.get("sec-fetch-dest", "document") != "document":
        return False
    return "text/html" in request.headers.get("accept", "")
