"""The way of a member's message: behind the guards, in front of FastAPI's routing.

Every turn passes here, and FastAPI's and Starlette's way to a route (the router, its exit stacks,
two layers for exceptions, parameters) took a tenth of a turn's time in the app. Kept: the address,
the bodies, the answers to errors; `routes.post` describes it.
"""

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.channels import problems
from bot.channels.web import routes

_ADDRESS = re.compile(f"{routes.BASE}/([^/]+)/messages")
_ROUTE = Route(routes.BASE + routes.MESSAGES, routes.post, methods=["POST"])


class MessageLane:
    """ASGI middleware, the innermost one; everything but a message goes on to the app."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        found = _ADDRESS.fullmatch(scope["path"])
        if found is None:
            await self._app(scope, receive, send)
            return
        scope["route"], scope["path_params"] = _ROUTE, {"conversation_id": found[1]}
        request = Request(scope, receive)
        try:
            answer: Response = await routes.post(request)
        except Exception as error:
            handler = problems.handler_of(error)
            if handler is None:  # the same as everywhere: Starlette's outermost layer
                raise
            answer = await handler(request, error)
        await answer(scope, receive, send)
