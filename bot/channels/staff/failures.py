"""What goes wrong under /staff is a page for a person and stays a problem document for scripts."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from bot.channels.staff.guard import under_base
from bot.channels.staff.pages import page, wants_page

_Handler = Callable[[Request, Any], Awaitable[Response]]


def install(app: FastAPI) -> None:
    """Wrap the handlers that are there already."""
    for kind, handler in list(app.exception_handlers.items()):
        app.exception_handlers[kind] = _as_page(handler)  # type: ignore[arg-type]


def _as_page(handler: _Handler) -> _Handler:
    async def handled(request: Request, error: Exception) -> Response:
        answer = await handler(request, error)
        for_person = under_base(request.url.path) and wants_page(request)
        if not for_person or not isinstance(answer, JSONResponse):
            return answer
        said = json.loads(bytes(answer.body))["detail"]
        session = getattr(request.state, "staff_session", None)
        shown = page(
            request,
            "message.html",
            session.person if session else None,
            answer.status_code,
            key="failed",
            message_text=said,
        )
        if "retry-after" in answer.headers:
            shown.headers["Retry-After"] = answer.headers["retry-after"]
        return shown

    return handled
