"""The desk over SQLite and PostgreSQL."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session, sessionmaker

from bot.settings import Settings
from tests.handover.world import World, make_world


@pytest.fixture
def world(settings: Settings, sessions: sessionmaker[Session]) -> Iterator[World]:
    """Somebody works with the console."""
    world = make_world(settings, sessions)
    yield world
    # The journal keeps a connection for the event loop: nobody else would give it back.
    world.grouped.close()
