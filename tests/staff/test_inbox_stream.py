"""The inbox's stream of events: resumed, signalled, ended."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from bot.channels.staff.inbox_events import stream
from bot.live import STAFF, Live
from tests.staff.inbox_acts import CHIEF, Begin, act, say


@pytest.fixture
def console(lite_console: FastAPI) -> FastAPI:
    """On SQLite: what the desk does is tested on both databases in tests/handover."""
    return lite_console


class _Request:
    """As much of a request as the stream asks for."""

    def __init__(self, app: FastAPI, client: httpx.Client) -> None:
        self.app = app
        self.cookies = dict(client.cookies)
        self.url = httpx.URL("https://navi.test/staff/inbox/events")


async def _heard(source: Any, count: int) -> list[Any]:
    async with asyncio.timeout(60):
        return [await anext(source) for _ in range(count)]


def test_a_stream_resumes_after_what_was_seen(
    console: FastAPI, agent: httpx.Client, begin: Begin
) -> None:
    talk = begin("助けてください")
    act(agent, talk, "take")
    say(agent, talk, "承ります。")
    known = asyncio.run(console.state.handover.events(0))
    request: Any = _Request(console, agent)

    async def resumed() -> list[Any]:
        return await _heard(stream(request, CHIEF, known[0].id), len(known) - 1)

    heard = asyncio.run(resumed())
    assert [int(event.id) for event in heard] == [event.id for event in known[1:]]
    assert json.loads(heard[-1].data)["conversation_id"] == talk


def test_typing_is_told_at_once_and_never_kept(console: FastAPI, agent: httpx.Client) -> None:
    live: Live = console.state.live
    request: Any = _Request(console, agent)

    async def listen() -> Any:
        source = stream(request, CHIEF, 10**6)
        waiting = asyncio.ensure_future(_heard(source, 1))
        while not live._listeners.get(STAFF):
            await asyncio.sleep(0.01)
        live.signal(STAFF, "typing", "some-conversation")
        return (await waiting)[0]

    heard = asyncio.run(listen())
    assert heard.event == "typing"
    assert heard.id is None
    assert json.loads(heard.data) == {"conversation_id": "some-conversation"}


def test_a_stream_ends_with_its_session(console: FastAPI, agent: httpx.Client) -> None:
    request: Any = _Request(console, agent)
    accounts = console.state.staff.access.accounts
    accounts.disable(accounts.find("demo-agent"))

    async def listen() -> list[Any]:
        async with asyncio.timeout(60):
            return [event async for event in stream(request, CHIEF, 10**6)]

    assert [event.event for event in asyncio.run(listen())] == ["signed-out"]
