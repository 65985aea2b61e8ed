"""The month's pushes are used up: nothing is pushed, LINE is asked now and then, and it goes on."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, create_engine, func, select

from bot.channels.line.quota import LOOK_EVERY, PATIENCE, next_look
from bot.channels.line.tables import LineEventRow
from bot.database import session_factory
from bot.settings import Settings
from tests.line.world import World, world


@pytest.fixture
def engine(sqlite_settings: Settings) -> Iterator[Engine]:
    engine = create_engine(sqlite_settings.resolved_database_url())
    yield engine
    engine.dispose()


@asynccontextmanager
async def used_up(settings: Settings, engine: Engine) -> AsyncIterator[World]:
    """A month with one push, which is used, and two answers that wait."""
    async with world(settings, session_factory(engine), quota=1) as line:
        assert await asked(line, "一つ目") == 1
        assert await asked(line, "二つ目") == 0
        assert await asked(line, "三つ目") == 0
        assert line.channel.report.waiting_for_quota() == 2
        yield line


async def asked(line: World, text: str) -> int:
    """A message whose reply token is dead; how many messages came of it."""
    return len(await line.say(line.text(text, replyToken="never-issued")))


def waits(line: World) -> list[datetime]:
    with line.sessions() as session:
        left = select(LineEventRow.not_before).where(LineEventRow.done_at.is_(None))
        return list(session.scalars(left))


async def looked(line: World) -> None:
    """The next look is over."""
    line.clock.ahead += LOOK_EVERY + timedelta(seconds=1)
    await line.until(lambda: all(until > line.clock() for until in waits(line)))


async def test_it_looks_again_each_hour_and_goes_on_by_itself(
    sqlite_settings: Settings, engine: Engine
) -> None:
    async with used_up(sqlite_settings, engine) as line:
        assert len(line.platform.bodies("push")) == 2, "only the first one too many was tried"
        assert len(await line.say(line.text("返信はできる"))) == 1
        read = len(line.platform.texts(line.user))
        await looked(line)
        assert len(line.platform.bodies("push")) == 2, "asked, not tried"
        # The member has written since, so the bot's old answers are none any more.
        assert line.deliveries()["quota"] == 2
        assert await asked(line, "四つ目") == 0
        assert line.channel.report.waiting_for_quota() == 1
        line.platform.line.quota = 200  # the office has raised its plan
        await looked(line)
        assert len(line.platform.texts(line.user)) == read + 1
        assert line.channel.report.waiting_for_quota() == 0
        assert await asked(line, "五つ目") == 1


async def test_a_line_that_does_not_tell_its_quota_is_tried(
    sqlite_settings: Settings, engine: Engine
) -> None:
    async with world(sqlite_settings, session_factory(engine), quota=0) as line:
        assert await asked(line, "一つ目") == 0
        line.platform.fail("quota", (500, "", False))
        line.platform.line.quota = None
        await looked(line)
        assert len(line.platform.texts(line.user)) == 1


async def test_after_a_day_it_is_given_up(sqlite_settings: Settings, engine: Engine) -> None:
    async with world(sqlite_settings, session_factory(engine), quota=0) as line:
        assert await asked(line, "一つ目") == 0
        line.clock.ahead += PATIENCE
        await line.until(lambda: not waits(line))
        assert line.deliveries() == {"quota": 1}


async def test_what_waited_is_not_said_in_another_conversation(
    sqlite_settings: Settings, engine: Engine
) -> None:
    async with world(sqlite_settings, session_factory(engine), quota=0) as line:
        assert await asked(line, "一つ目") == 0
        line.channel.store.change_source(line.user, conversation_id=None)
        line.platform.line.quota = None
        line.clock.ahead += LOOK_EVERY + timedelta(seconds=1)
        await line.until(lambda: not waits(line))
        assert line.deliveries() == {"left": 1}


async def test_all_wait_for_the_same_look(sqlite_settings: Settings, engine: Engine) -> None:
    async with used_up(sqlite_settings, engine) as line:
        with line.sessions() as session:
            waiting = select(func.count(LineEventRow.not_before.distinct())).where(
                LineEventRow.done_at.is_(None)
            )
            assert session.scalar(waiting) == 1, "else they would arrive out of order"


@pytest.mark.parametrize(
    ("now", "look"),
    [
        (datetime(2026, 6, 10, 3, 0, tzinfo=UTC), datetime(2026, 6, 10, 4, 0, tzinfo=UTC)),
        # 23:30 of the last of June in Tokyo: the month, and the quota, is new in half an hour.
        (datetime(2026, 6, 30, 14, 30, tzinfo=UTC), datetime(2026, 6, 30, 15, 0, tzinfo=UTC)),
        (datetime(2026, 12, 31, 14, 59, tzinfo=UTC), datetime(2026, 12, 31, 15, 0, tzinfo=UTC)),
    ],
)
def test_the_next_look(now: datetime, look: datetime) -> None:
    assert next_look(now) == look
