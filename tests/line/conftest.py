"""The channel at work over SQLite (and over PostgreSQL where the database matters)."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy.orm import Session, sessionmaker

from bot.database import create_engine, session_factory
from bot.settings import Settings
from tests.line.world import World, world


@pytest_asyncio.fixture
async def line(sqlite_settings: Settings) -> AsyncIterator[World]:
    """The channel over SQLite."""
    engine = create_engine(sqlite_settings.resolved_database_url())
    async with world(sqlite_settings, session_factory(engine)) as made:
        yield made
    engine.dispose()


@pytest_asyncio.fixture
async def line_on_both(settings: Settings, sessions: sessionmaker[Session]) -> AsyncIterator[World]:
    """The channel over each kind of database."""
    async with world(settings, sessions) as made:
        yield made


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
