"""The desk over SQLite and PostgreSQL."""

import pytest
from sqlalchemy.orm import Session, sessionmaker

from bot.settings import Settings
from tests.handover.world import World, make_world


@pytest.fixture
def world(settings: Settings, sessions: sessionmaker[Session]) -> World:
    """Somebody works with the console."""
    return make_world(settings, sessions)
