"""POST /line/webhook: verify the raw bytes, keep the events, answer 200; nothing is done here."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import anyio
import structlog
from fastapi import APIRouter, Header, Request
from starlette.responses import Response

from bot.channels.line.reading import ANSWERED, Incoming, read_events
from bot.channels.line.signature import is_signed
from bot.errors import NaviError
from bot.metrics import LINE_EVENTS
from bot.wording import problem_sentence

if TYPE_CHECKING:
    from bot.channels.line.channel import LineChannel

_LOG = structlog.get_logger()
WEBHOOK = "/line/webhook"
# Many events may come in one body; 64 KiB are too few, and LINE states no limit.
MAX_WEBHOOK_BYTES = 1024 * 1024

router = APIRouter()


class NotFromLine(NaviError, slug="line-signature", status=403):
    """The signature is missing or wrong."""


class NotForUs(NaviError, slug="line-webhook", status=400):
    """Signed, but not readable or for another bot."""


@router.post(WEBHOOK)
async def webhook(
    request: Request, x_line_signature: Annotated[str | None, Header()] = None
) -> Response:
    """Take LINE's events. Raises NotFromLine, NotForUs."""
    channel: LineChannel = request.app.state.line
    raw = await request.body()
    if not is_signed(channel.secret, raw, x_line_signature):
        raise NotFromLine(problem_sentence("signature"))
    events = _events(raw, channel.destination)
    for event in events:
        LINE_EVENTS.labels(event.kind if event.kind in ANSWERED else "other").inc()
        if event.kind not in ANSWERED:
            # New kinds appear without notice and are no error; the log shows that they exist.
            _LOG.info("LINE event left alone", kind=event.kind)
    settle = timedelta(seconds=channel.settle_s)
    if await anyio.to_thread.run_sync(channel.store.add, events, channel.clock(), settle):
        channel.worker.wake()
    return Response(status_code=200)


def _events(raw: bytes, destination: str) -> list[Incoming]:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise NotForUs(problem_sentence("invalid")) from None
    if not isinstance(body, dict):
        raise NotForUs(problem_sentence("invalid"))
    if body.get("destination") != destination:
        raise NotForUs(problem_sentence("other_line_channel"))
    return read_events(body)
