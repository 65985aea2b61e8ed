"""The private listener (loopback): custom actions for the dialogue server, metrics."""

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionNotFoundException

from actions.handlers import all_actions
from actions.handlers.desk import Desk

_LOG = structlog.get_logger()
Look = Callable[[], Awaitable[None]]


def create_private_app(desk: Desk, secret: str, look: Look | None = None) -> FastAPI:
    """Rasa's action protocol at POST /actions with the shared secret, and GET /metrics.

    `look` brings the figures up to date that nobody counts as they happen.
    """
    executor = ActionExecutor()
    for action in all_actions(desk):
        executor.register_action(action)
    app = FastAPI(openapi_url=None)

    @app.post("/actions")
    async def act(request: Request) -> Response:
        given = request.headers.get("x-navi-secret", "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return JSONResponse({"error": "forbidden"}, 403)
        call: dict[str, Any] = await request.json()
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

    @app.get("/metrics")
    async def metrics() -> PlainTextResponse:
        if look is not None:
            await look()
        return PlainTextResponse(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    return app
