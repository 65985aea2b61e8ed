"""ASGI guards in front of every public route: size of a body, rate of an address, headers."""

from limits import parse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.limiter import Limiter
from bot.channels.problems import problem, too_many

MAX_BODY_BYTES = 64 * 1024
_TOO_LARGE = "送られた内容が大きすぎます。"
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
]


class _TooLarge(HTTPException):
    """An HTTPException, since FastAPI turns any other error while reading a body into a 400."""

    def __init__(self) -> None:
        super().__init__(413)


class BodyLimit:
    """Refuses bodies over 64 KiB (`larger`: more for some paths), counted while they stream in."""

    def __init__(self, app: ASGIApp, larger: dict[str, int] | None = None) -> None:
        self._app = app
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._larger.get(scope["path"], MAX_BODY_BYTES)
        declared = next((v for name, v in scope["headers"] if name == b"content-length"), b"0")
        if declared.isdigit() and int(declared) > most:
            await problem(413, "content-too-large", _TOO_LARGE)(scope, receive, send)
            return
        seen, started = 0, False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise _TooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except _TooLarge:
            if not started:
                await problem(413, "content-too-large", _TOO_LARGE)(scope, receive, send)


class RateLimit:
    """So many requests a minute and address; `strict` paths have a limit of their own."""

    def __init__(
        self,
        app: ASGIApp,
        limiter: Limiter,
        per_minute: int,
        strict: dict[tuple[str, str], int],
    ) -> None:
        self._app = app
        self._limiter = limiter
        self._all = parse(f"{per_minute}/minute")
        self._strict = {where: parse(f"{most}/minute") for where, most in strict.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        address = (scope.get("client") or ("unknown",))[0]
        own = self._strict.get((scope["method"], scope["path"]))
        for limit, names in ((self._all, (address,)), (own, (address, scope["path"]))):
            if limit is not None and (wait := await self._limiter.wait(limit, *names)):
                await too_many(wait)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class SafeHeaders:
    """Headers that every answer carries; pages add their own Content-Security-Policy."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        about_members = scope["type"] == "http" and scope["path"].startswith("/api/")

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.get("headers", [])
                message["headers"] = [*given, *_HEADERS]
                if about_members and not any(name == b"cache-control" for name, _ in given):
                    message["headers"].append((b"cache-control", b"no-store"))
            await send(message)

        await self._app(scope, receive, with_headers)
