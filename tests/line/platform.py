"""A LINE platform on loopback that fails on demand and checks each body against LINE's own API."""

import asyncio
import socket
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from bot.channels.line.fake import FakeLine, router

Json = dict[str, Any]
# (status, message, whether LINE did it all the same)
Fault = tuple[int, str, bool]
TIMEOUT = 0
_SCHEMAS = {
    "/v2/bot/message/reply": "ReplyMessageRequest",
    "/v2/bot/message/push": "PushMessageRequest",
    "/v2/bot/chat/loading/start": "ShowLoadingAnimationRequest",
    "/v2/bot/richmenu": "RichMenuRequest",
    "/v2/bot/richmenu/bulk/link": "RichMenuBulkLinkRequest",
}
_SPEC = Path(__file__).resolve().parents[2] / "../shared/line/strict"
SPEC_MISSING = "LINE's OpenAPI (../shared/line/strict) is not on this machine"


class Platform:
    """The server; `requests` are (path, body, retry key), `errors` what the API forbids."""

    def __init__(self, line: FakeLine) -> None:
        self.line = line
        self.base = ""
        self.requests: list[tuple[str, Json, str | None]] = []
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.checked = 0
        self.errors: list[str] = []
        self._validate = validator()

    def fail(self, path: str, *faults: Fault) -> None:
        """The next calls of `reply`, `push`, … end like that."""
        self.faults[path].extend(faults)

    def bodies(self, path: str) -> list[Json]:
        """Bodies of the calls whose path ends like that."""
        return [body for where, body, _ in self.requests if where.endswith(path)]

    def texts(self, user_id: str) -> list[str]:
        """What the user reads: texts, and the words of pictures."""
        shown = [sent["message"] for sent in self.line.user(user_id).sent]
        return [str(m.get("text") or m.get("altText")) for m in shown]

    async def around(
        self, request: Request, go_on: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        """Note and check the request, and fail where a fault is due."""
        path = request.url.path
        if request.headers.get("authorization") != "Bearer token-of-the-tests":
            return JSONResponse({"message": "Authentication failed"}, 401)
        if request.method == "POST" and request.headers.get("content-type") == "application/json":
            body = await request.json() if await request.body() else {}
            self.requests.append((path, body, request.headers.get("x-line-retry-key")))
            self._check(path, body)
        waiting = self.faults[path.rsplit("/", 1)[-1]]
        if not waiting:
            return await go_on(request)
        status, message, done = waiting.popleft()
        if done:
            await go_on(request)
        if status == TIMEOUT:
            await asyncio.sleep(60)
        return JSONResponse({"message": message}, status)

    def _check(self, path: str, body: Json) -> None:
        schema = _SCHEMAS.get(path)
        if schema and self._validate:
            self.checked += 1
            self.errors += [f"{schema}: {error}" for error in self._validate(schema, body)]


@asynccontextmanager
async def running(line: FakeLine) -> AsyncIterator[Platform]:
    """The platform, listening on loopback."""
    platform = Platform(line)
    app = FastAPI()
    app.include_router(router(line))
    app.middleware("http")(platform.around)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    platform.base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    server.capture_signals = _no_signals  # type: ignore[method-assign]
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield platform
    finally:
        server.force_exit = server.should_exit = True
        await task


def _no_signals() -> Any:
    from contextlib import nullcontext

    return nullcontext()


@cache
def validator() -> Callable[[str, Json], list[str]] | None:
    """What says how a body breaks LINE's API; None where the specification is not there."""
    if not _SPEC.is_dir():
        return None
    import yaml
    from openapi_schema_validator import OAS30Validator, oas30_format_checker
    from referencing import Registry
    from referencing.jsonschema import DRAFT4

    text = (_SPEC / "messaging-api.subtypes+limits.yml").read_text(encoding="utf-8")
    resource: Any = DRAFT4.create_resource(yaml.safe_load(text))
    registry: Any = Registry().with_resource("urn:line", resource)

    def errors(schema: str, body: Json) -> list[str]:
        check = OAS30Validator(
            {"$ref": f"urn:line#/components/schemas/{schema}"},
            registry=registry,
            format_checker=oas30_format_checker,
        )
        return [f"{list(e.absolute_path)} {e.message[:200]}" for e in check.iter_errors(body)]

    return errors
