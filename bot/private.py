"""The private listener (loopback): custom actions for the dialogue server, metrics."""

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionNotFoundException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from actions.handlers import all_actions
from actions.handlers.desk import Desk

_LOG = structlog.get_logger()
Look = Callable[[], Awaitable[None]]


def create_private_app(desk: Desk, secret: str, look: Look | None = None) -> ASGIApp:
    """Rasa's action protocol at POST /actions with the shared secret; GET /metrics, /health.

    `look` brings the figures up to date that nobody counts as they happen.
    """
    executor = ActionExecutor()
    for action in all_actions(desk):
        executor.register_action(action)
    rest = _rest(look)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        # Called one to three times a turn: FastAPI's routing would cost more than most actions.
        if scope["type"] != "http" or scope["path"] != "/actions" or scope["method"] != "POST":
            await rest(scope, receive, send)
            return
        request = Request(scope, receive)
        given = request.headers.get("x-navi-secret", "")
        if hmac.compare_digest(given.encode(), secret.encode()):
            answer = await _act(executor, await request.body())
        else:
            answer = JSONResponse({"error": "forbidden"}, 403)
        await answer(scope, receive, send)

    return app


async def _act(executor: ActionExecutor, body: bytes) -> Response:
    call: dict[str, Any] = json.loads(body)
    # rasa-sdk 3.21 asks for a domain that Rasa 3.6 sends only where it is wanted.
    call.setdefault("domain", {})
    name = call.get("next_action")
    try:
        result = await executor.run(call)
    except ActionNotFoundException:
        return JSONResponse({"error": "unknown action", "action_name": name}, 404)
    except Exception as error:
        # Neither the message nor the tracker may reach a log. The turn stays without this
        # action's reply; the channel refuses a turn without any.
        _LOG.error("action failed", action=name, error=type(error).__name__)
        return JSONResponse({"error": "failed", "action_name": name}, 500)
    return JSONResponse(result.model_dump() if result else {"events": [], "responses": []})


def _rest(look: Look | None) -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.get("/metrics")
    async def metrics() -> PlainTextResponse:
        if look is not None:
            await look()
        return PlainTextResponse(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    return app
