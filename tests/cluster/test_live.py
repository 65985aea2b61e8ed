"""Notices between apps, on a real Redis."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from bot.live import STAFF, Listening, Live
from bot.live_shared import SharedLive
from tests.cluster.conftest import running_redis
from tests.ports import own_port


@asynccontextmanager
async def app(url: str) -> AsyncIterator[SharedLive]:
    """The notices of one app process."""
    live = SharedLive(url)
    running = asyncio.create_task(live.run())
    try:
        yield live
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def _heard(listener: Listening, sender: Live, key: str) -> None:
    """Until a notice of `sender` arrives; a subscription takes a moment."""
    async with asyncio.timeout(30):
        while not listener.is_set():
            sender.notify(key)
            with suppress(TimeoutError):
                await asyncio.wait_for(listener.wait(), 0.1)


async def test_another_apps_notice_wakes_a_stream(redis_url: str) -> None:
    async with app(redis_url) as one, app(redis_url) as two:
        with two.listening("c1") as listener, two.listening("c2") as other:
            await _heard(listener, one, "c1")
            assert not other.is_set()


async def test_typing_is_shown_by_another_app(redis_url: str) -> None:
    async with app(redis_url) as one, app(redis_url) as two:
        with two.listening(STAFF) as listener:
            await _heard(listener, one, STAFF)
            one.signal(STAFF, "typing", "c1")
            async with asyncio.timeout(30):
                while not listener.signals:  # notices of before may still be on their way
                    listener.clear()
                    await listener.wait()
            assert listener.taken_signals() == [("typing", "c1")]


async def test_an_apps_own_notice_comes_once(redis_url: str) -> None:
    async with app(redis_url) as one, app(redis_url) as two:
        with one.listening("c1") as own, two.listening("c1") as other:
            await _heard(other, one, "c1")
            own.clear()
            other.clear()
            one.notify("c1")
            assert own.is_set()
            own.clear()
            await asyncio.wait_for(other.wait(), 30)
            assert not own.is_set()


async def test_without_redis_the_own_streams_are_woken() -> None:
    async with app("redis://127.0.0.1:1/0") as live:
        with live.listening("c1") as listener:
            for _ in range(3000):  # more than may wait
                live.notify("c1")
            assert listener.is_set()


async def test_it_goes_on_when_redis_is_back(tmp_path: Path) -> None:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("the program redis-server is missing (Debian: redis-server)")
    with own_port() as port:
        url = f"redis://127.0.0.1:{port}/0"
        async with app(url) as one, app(url) as two:
            for _ in range(2):
                with running_redis(program, tmp_path, port), two.listening("c1") as listener:
                    await _heard(listener, one, "c1")
