"""In front of everything under /staff: the host name, requests of other sites, headers."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.problems import problem
from bot.settings import Settings
from bot.staff.words import sentence

BASE = "/staff"
_SAFE = {"GET", "HEAD", "OPTIONS"}
_EVERYWHERE = {"/healthz", "/readyz"}
_FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
_HEADERS = [
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
]
_HSTS = (b"strict-transport-security", b"max-age=31536000")


def under_base(path: str) -> bool:
    """Whether the path belongs to the console."""
    return path == BASE or path.startswith(BASE + "/")


def belongs(path: str, host: str, staff_host: str) -> bool:
    """Whether this path exists under this host name; without a staff host every one does."""
    if not staff_host or path in _EVERYWHERE:
        return True
    return under_base(path) == _is_host(host, staff_host)


def foreign(method: str, headers: Headers, scheme: str) -> str | None:
    """Why a request may not change anything: it comes from elsewhere, or in an odd form.

    A browser says in Sec-Fetch-Site where a request comes from; one that does not says it in
    Origin. Who says nothing is refused: only browsers use the console.
    """
    if method in _SAFE:
        return None
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        own = site == "same-origin"
    else:
        own = origin is not None and _is_own(origin, headers.get("host", ""), scheme)
    if not own:
        return "foreign"
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in _FORMS:
        return None
    # A page of another site cannot send JSON or this header without asking first (CORS).
    if headers.get("x-csrf-token") and kind in ("application/json", ""):
        return None
    return "form"


def _is_own(origin: str, host: str, scheme: str) -> bool:
    said = urlsplit(origin)
    # Behind a proxy that ends TLS, our own scheme may read http where the browser's is https.
    return bool(host) and said.netloc.lower() == host.lower() and said.scheme in ("https", scheme)


def _is_host(said: str, staff_host: str) -> bool:
    name, _, port = said.rpartition(":")
    return (name if port.isdigit() and name else said).lower() == staff_host.lower()


class StaffGuard:
    """ASGI middleware. Other paths pass untouched but for the host name."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._host = settings.staff_host.strip()
        self._headers = [*_HEADERS, *([_HSTS] if _is_https(settings) else [])]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if not self._host and not under_base(path):  # every turn: nothing to look for
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not belongs(path, headers.get("host", ""), self._host):
            if path == "/" and _is_host(headers.get("host", ""), self._host):
                await RedirectResponse(BASE, 303)(scope, receive, send)
                return
            await problem(404, "not-found", sentence("not_found"))(scope, receive, send)
            return
        if not under_base(path):
            await self._app(scope, receive, send)
            return
        why = foreign(scope["method"], headers, scope["scheme"])
        if why is not None:
            answer = problem(403, f"request-{why}", sentence(f"request_{why}"))
            await answer(scope, receive, self._safely(send))
            return
        await self._app(scope, receive, self._safely(send))

    def _safely(self, send: Send) -> Send:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.get("headers", [])
                message["headers"] = [*given, *self._headers]
                if not any(name == b"cache-control" for name, _ in given):
                    message["headers"].append((b"cache-control", b"no-store"))
            await send(message)

        return with_headers


def _is_https(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")
