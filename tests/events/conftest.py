"""The public app over a real database, reached without a network; signed reports."""

import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from bot.app import create_apps
from bot.registry_events.signature import sign
from bot.settings import Settings

KEYS = {"new": "n" * 40, "old": "o" * 40}
PATH = "/api/registry/events"
NOW = datetime(2026, 6, 10, 3, 0, tzinfo=UTC)
APPLIED = "2026-06-08T10:00:00+09:00"


def event(kind: str = "url_clicked", at: str = "2026-06-09T10:00:00+09:00", **more: Any) -> Any:
    """An event about the application of `APPLIED`."""
    own: dict[str, Any] = {"id": str(uuid.uuid4()), "kind": kind, "number": "100001", "at": at}
    if kind == "applied":
        own["at"] = APPLIED if "at" not in more else at
    elif kind != "web_registered":
        own["applied_at"] = APPLIED
    if kind.startswith("mail_"):
        own["mail"] = "confirmation"
    return own | more


@dataclass
class Reporter:
    """The cooperative's system."""

    client: httpx.AsyncClient
    stamp: float = NOW.timestamp()

    def headers(self, body: bytes, kid: str = "new", stamp: str | None = None) -> dict[str, str]:
        """Rightly signed."""
        at = stamp or f"{self.stamp:.6f}"
        return {
            "X-Navi-Key": kid,
            "X-Navi-Timestamp": at,
            "X-Navi-Signature": sign(KEYS[kid], kid, at, body),
        }

    async def send(self, body: bytes, headers: dict[str, str]) -> httpx.Response:
        """As it is."""
        return await self.client.post(PATH, content=body, headers=headers)

    async def report(self, *events: Any, kid: str = "new") -> httpx.Response:
        """A single event as it is, several as a batch."""
        self.stamp += 0.001  # each report is signed anew
        body = json.dumps(events[0] if len(events) == 1 else {"events": list(events)}).encode()
        return await self.send(body, self.headers(body, kid))


@pytest.fixture
async def reporter(settings: Settings, engine: Engine) -> AsyncIterator[Reporter]:
    """With both keys, over `settings`' database."""
    listed = ",".join(f"{kid}:{secret}" for kid, secret in KEYS.items())
    own = settings.model_copy(update={"events_keys": SecretStr(listed)})
    apps = create_apps(own, "http://127.0.0.1:1", "secret", lambda: NOW)
    transport = httpx.ASGITransport(apps.public, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://navi.test") as client:
        yield Reporter(client)
    apps.public.state.engine.dispose()
