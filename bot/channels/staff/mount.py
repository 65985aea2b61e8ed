"""Joins the console's routers to the app; each part of the console brings its own."""

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles

from bot.channels.staff import (
    access,
    account,
    audit_page,
    callers,
    callers_verify,
    cases,
    cases_export,
    failures,
    hours_page,
    inbox,
    inbox_acts,
    inbox_events,
    presence,
    review,
    saved_answers,
    script,
    script_end,
    signin,
)
from bot.channels.staff.access import SignedIn
from bot.channels.staff.pages import page
from bot.settings import PROJECT_ROOT

ROUTERS: tuple[APIRouter, ...] = (
    signin.router,
    account.router,
    audit_page.router,
    callers.router,
    callers_verify.router,
    cases_export.router,
    cases.router,
    inbox_events.router,
    inbox.router,
    inbox_acts.router,
    saved_answers.router,
    presence.router,
    hours_page.router,
    script.router,
    script_end.router,
    review.router,
)

_last = APIRouter()


@_last.get("/{rest:path}")
async def nothing_here(request: Request, person: SignedIn, rest: str) -> Response:
    """Whoever is not signed in learns nothing about which pages there are."""
    return page(request, "message.html", person, 404, key="not_found")


def mount_staff(app: FastAPI) -> None:
    """Every route of the console lies under /staff."""
    static = PROJECT_ROOT / "bot/channels/staff/static"
    app.mount("/staff/static", StaticFiles(directory=static), name="staff-static")
    access.install(app)
    failures.install(app)
    for router in (*ROUTERS, _last):
        app.include_router(router, prefix="/staff", include_in_schema=False)
