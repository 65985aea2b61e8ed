"""Server-rendered pages of the console, with their frame and their Content-Security-Policy."""

import secrets

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from bot.settings import PROJECT_ROOT
from bot.staff.members import StaffMember

_PAGES = Environment(
    loader=FileSystemLoader(PROJECT_ROOT / "bot/channels/staff/pages"),
    autoescape=select_autoescape(["html"]),
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(
    request: Request, name: str, person: StaffMember | None, status: int = 200, **values: object
) -> HTMLResponse:
    """The page `name`; templates get `person`, `nonce`, `demo` and `csrf` besides `values`."""
    nonce = secrets.token_urlsafe(16)
    html = _PAGES.get_template(name).render(
        person=person,
        nonce=nonce,
        csrf="",
        demo=request.app.state.settings.demo,
        path=request.url.path,
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
