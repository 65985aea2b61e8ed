"""The console's two cookies: the session, and the browser that was used before."""

from fastapi import Request, Response

_SESSION, _DEVICE = "navi_staff", "navi_staff_device"
_HOST_PREFIX = "__Host-"
_DEVICE_S = 180 * 24 * 3600


def session_cookie(request: Request) -> str:
    """The session cookie's value, "" without."""
    return request.cookies.get(_prefix(request) + _SESSION, "")


def device_cookie(request: Request) -> str:
    """The device cookie's value, "" without."""
    return request.cookies.get(_prefix(request) + _DEVICE, "")


def set_session(request: Request, answer: Response, value: str) -> None:
    """Hand the session to the browser, until it is closed."""
    _set(request, answer, _SESSION, value, None)


def set_device(request: Request, answer: Response, value: str) -> None:
    """Hand the device's value to the browser, for half a year."""
    _set(request, answer, _DEVICE, value, _DEVICE_S)


def drop_session(request: Request, answer: Response) -> None:
    """Take the session cookie away."""
    _set(request, answer, _SESSION, "", 0)


def _set(request: Request, answer: Response, name: str, value: str, seconds: int | None) -> None:
    prefix = _prefix(request)
    answer.set_cookie(
        prefix + name,
        value,
        max_age=seconds,
        path="/",
        secure=bool(prefix),
        httponly=True,
        samesite="strict",
    )


def _prefix(request: Request) -> str:
    """`__Host-` but for a demo over plain HTTP.

    Chromium takes such a cookie from loopback; Safari does not, and no browser does from the
    address at which a demo is shown in an office's network.
    """
    plain_demo = request.app.state.settings.demo and request.url.scheme == "http"
    return "" if plain_demo else _HOST_PREFIX
