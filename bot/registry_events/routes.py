"""POST /api/registry/events (docs/registry-events.md). Mounted only where keys are set."""

import json
from collections import defaultdict
from datetime import datetime
from typing import Any

import anyio
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from bot.channels.problems import problem
from bot.registry_events.intake import BadEvents, Intake, Receipt, read_events
from bot.registry_events.signature import Signed, verify

router = APIRouter()


@router.post("/api/registry/events", response_model=None)
async def report(request: Request) -> JSONResponse | dict[str, int]:
    """Take one event or a batch of them, all or nothing."""
    state = request.app.state
    body = await request.body()
    signed = verify(_headers(request), body, state.settings.events_key_map(), state.clock())
    try:
        receipt = await anyio.to_thread.run_sync(
            _take, state.events_intake, body, signed, state.clock()
        )
    except BadEvents as bad:
        return problem(bad.status, bad.slug, bad.sentence, more={"errors": bad.errors})
    return {"accepted": receipt.accepted, "repeated": receipt.repeated}


def _take(intake: Intake, body: bytes, signed: Signed, now: datetime) -> Receipt:
    return intake.take(read_events(_parsed(body), now), signed, now)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise BadEvents(
            [{"index": None, "id": None, "reason": "the body is not JSON that can be read"}]
        ) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _headers(request: Request) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name, value in request.headers.raw:
        found[name.decode("latin-1").lower()].append(value.decode("latin-1"))
    return found
