"""Errors as application/problem+json (RFC 9457): the one place that maps them to HTTP."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from bot.errors import NaviError, Unavailable
from bot.wording import problem_sentence

_LOG = structlog.get_logger()
_TYPE = "https://navi.invalid/problems/"
_SENTENCES = {404: "not_found", 405: "wrong_way", 413: "too_large", 429: "too_many"}


def problem(
    status: int,
    slug: str,
    detail: str,
    headers: dict[str, str] | None = None,
    more: dict[str, Any] | None = None,
) -> JSONResponse:
    """A problem document; `type` is stable, `detail` is the sentence for the reader.

    `more` are members of its own.
    """
    body = {
        **(more or {}),
        "type": _TYPE + slug,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def too_many(retry_after_s: int) -> JSONResponse:
    """429 with Retry-After in seconds."""
    return problem(
        429, "too-many-requests", problem_sentence("too_many"), {"Retry-After": str(retry_after_s)}
    )


def route_of(request: Request) -> str:
    """Where a request went, for logs: a path itself may hold a conversation's id."""
    return str(getattr(request.scope.get("route"), "path", "elsewhere"))


async def _known(request: Request, error: Any) -> JSONResponse:
    headers = {}
    if isinstance(error, Unavailable):
        headers["Retry-After"] = str(error.retry_after_s)
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return problem(error.status, error.slug, error.sentence, headers)


async def _invalid(request: Request, error: Any) -> JSONResponse:
    # The values themselves are not echoed: they may be a member's words.
    return problem(422, "invalid-request", problem_sentence("invalid"))


async def _http(request: Request, error: Any) -> JSONResponse:
    slug = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
    sentence = problem_sentence(_SENTENCES.get(error.status_code, "invalid"))
    return problem(error.status_code, slug, sentence, dict(error.headers or {}))


async def _database(request: Request, error: Any) -> JSONResponse:
    _LOG.error("database failed", error=type(error).__name__, path=route_of(request))
    return problem(503, "temporarily-unavailable", problem_sentence("busy"), {"Retry-After": "3"})


async def _unknown(request: Request, error: Any) -> JSONResponse:
    _LOG.error("request failed", error=type(error).__name__, path=route_of(request))
    return problem(500, "internal", problem_sentence("broken"))


Handler = Callable[[Request, Any], Awaitable[JSONResponse]]
_HANDLERS: dict[type[Exception], Handler] = {
    NaviError: _known,
    RequestValidationError: _invalid,
    HTTPException: _http,
    SQLAlchemyError: _database,
}


def handler_of(error: Exception) -> Handler | None:
    """What answers it; None for an error that nobody expects."""
    return next((_HANDLERS[kind] for kind in type(error).__mro__ if kind in _HANDLERS), None)


def install(app: FastAPI) -> None:
    """Register the handlers."""
    for kind, handler in _HANDLERS.items():
        app.add_exception_handler(kind, handler)
    app.add_exception_handler(Exception, _unknown)
