"""Requests that all apps count together, on a real Redis."""

import pytest
from limits import parse

from bot.channels.limiter import Limiter

LIMIT = parse("6/minute")


async def test_two_apps_count_together(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # A Redis that is slow on a busy machine is not away: else each app would count for itself.
    monkeypatch.setattr("bot.channels.limiter._ANSWER_WITHIN_S", 30.0)
    apps = [Limiter(redis_url), Limiter(redis_url)]
    waits = [await apps[n % 2].wait(LIMIT, "192.0.2.1") for n in range(10)]
    assert [bool(wait) for wait in waits] == [False] * 6 + [True] * 4
    assert all(1 <= wait <= 121 for wait in waits[6:])
    assert await apps[0].wait(LIMIT, "192.0.2.2") == 0
    for app in apps:
        await app.close()


@pytest.mark.usefixtures("one_minute")
async def test_without_redis_each_counts_for_itself() -> None:
    app = Limiter("redis://127.0.0.1:1/0")
    waits = [await app.wait(LIMIT, "192.0.2.1") for _ in range(8)]
    assert [bool(wait) for wait in waits] == [False] * 6 + [True] * 2
    await app.close()
