"""Joins the console's routers to the app; each part of the console brings its own."""

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles

from bot.channels.staff import callers, callers_verify, cases, cases_export
from bot.settings import PROJECT_ROOT

ROUTERS: tuple[APIRouter, ...] = (
    callers.router,
    callers_verify.router,
    cases_export.router,
    cases.router,
)


def mount_staff(app: FastAPI) -> None:
    """Every route of the console lies under /staff."""
    static = PROJECT_ROOT / "bot/channels/staff/static"
    app.mount("/staff/static", StaticFiles(directory=static), name="staff-static")
    for router in ROUTERS:
        app.include_router(router, prefix="/staff")
