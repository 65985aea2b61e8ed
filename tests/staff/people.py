"""Browsers for tests of the console: signed in as the demo's agent or supervisor, or as nobody."""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from bot.staff import totp
from bot.staff.accounts import Account
from bot.staff.members import Role
from bot.staff.parts import StaffParts

HOST = "navi.test"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
_CSRF = re.compile(r'<meta name="csrf-token" content="([0-9a-f]*)">')


@dataclass
class Clock:
    """A clock that tests turn; it begins at the real time, to which authenticator codes belong."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **delta: float) -> None:
        """Forwards; backwards with negative values."""
        self.now += timedelta(**delta)


class _InProcess(httpx.BaseTransport):
    """Hands requests to the app itself, each in an event loop of its own."""

    def __init__(self, app: FastAPI, address: str) -> None:
        self._app = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 50000))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request; the answer is read to its end."""
        return asyncio.run(self._handle(request))

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        answer = await self._app.handle_async_request(request)
        body = b"".join([part async for part in answer.stream])  # type: ignore[union-attr]
        return httpx.Response(answer.status_code, headers=answer.headers, content=body)


def browser(
    app: FastAPI, host: str = HOST, address: str = "192.0.2.1", scheme: str = "https"
) -> httpx.Client:
    """A browser at the app, with its own cookies; it follows no redirects."""
    return httpx.Client(
        base_url=f"{scheme}://{host}",
        headers=SAME_ORIGIN,
        transport=_InProcess(app, address),
        trust_env=False,
    )


def sign_in_demo(client: httpx.Client, role: Role = Role.supervisor) -> httpx.Client:
    """Sign in by the demo's button; afterwards unsafe requests carry the session's token."""
    answer = client.post("/staff/sign-in/demo", data={"role": role.value}, headers=SAME_ORIGIN)
    assert answer.status_code == 303, answer.text
    client.headers["X-CSRF-Token"] = csrf(client)
    return client


def csrf(client: httpx.Client) -> str:
    """The token of the client's session, as pages carry it."""
    found = _CSRF.search(client.get("/staff/account", headers=SAME_ORIGIN).text)
    assert found, "nobody is signed in"
    return found[1]


def form(client: httpx.Client, **fields: Any) -> dict[str, Any]:
    """Fields of a form with the session's token."""
    return {"csrf": csrf(client), **fields}


@dataclass
class Person:
    """Somebody with an account that is not the demo's."""

    app: FastAPI
    account: Account
    password: str
    totp_secret: str

    def code(self) -> str:
        """The next code that was not used yet; the clock turns with it."""
        clock = self.app.state.staff.clock
        clock.turn(seconds=totp.STEP_S)
        return totp.code_at(self.totp_secret, clock())

    def sign_in(self, client: httpx.Client, **changes: str) -> httpx.Response:
        """Fill in the form; `changes` are fields that are wrong."""
        right = {"login": self.account.login, "password": self.password, "code": ""}
        fields = {**right, "code": self.code(), **changes}
        return client.post("/staff/sign-in", data=fields, headers=SAME_ORIGIN)

    def signed_in(self, client: httpx.Client) -> httpx.Client:
        """The client, signed in, with the session's token in unsafe requests."""
        answer = self.sign_in(client)
        assert answer.status_code == 303, answer.text
        client.headers["X-CSRF-Token"] = csrf(client)
        return client


def person(app: FastAPI, login: str, role: Role = Role.agent, first: bool = False) -> Person:
    """Make an account."""
    password = "古い柱時計と蛙の行進曲です"
    parts: StaffParts = app.state.staff
    account, secret = parts.access.accounts.add(login, f"{login}さん", role, password, first)
    return Person(app, account, password, secret)
