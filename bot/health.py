"""What a load balancer and an operator ask: alive, ready, and how old the registry is."""

import anyio
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import State


def install(app: FastAPI) -> None:
    """GET /healthz (alive) and /readyz (can answer members)."""

    @app.get("/healthz")
    async def alive() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz")
    async def ready(request: Request) -> JSONResponse:
        state = request.app.state
        dialogue_ready = await state.dialogue.ready()
        checks = {
            "database": await anyio.to_thread.run_sync(_database_answers, state.engine),
            "dialogue": dialogue_ready,
            # The dialogue server is ready only with its trained model loaded.
            "model": dialogue_ready,
        }
        ok = all(checks.values())
        words = {name: "ok" if fine else "not ready" for name, fine in checks.items()}
        # Old registry data take no member's desk away, only the answers about states.
        words["registry"] = await anyio.to_thread.run_sync(_registry_age, state)
        return JSONResponse({"status": "ready" if ok else "not ready", **words}, 200 if ok else 503)


def _registry_age(state: State) -> str:
    try:
        latest = state.registry.latest_import()
    except SQLAlchemyError:
        return "unknown"
    if latest is None:
        return "demo" if state.settings.demo else "empty: import one"
    stale = state.clock() - latest.as_of > state.settings.registry_max_age
    return f"{'too old' if stale else 'ok'}, as of {latest.as_of.isoformat(timespec='seconds')}"


def _database_answers(engine: Engine) -> bool:
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        return True
    except SQLAlchemyError:
        return False
