"""The app, running over a fake dialogue server."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.database import create_engine, session_factory
from bot.messages import Draft
from bot.settings import Environment, Settings
from bot.store.joined import GroupedSessions
from bot.store.journal import Journal
from bot.store.records import Conversation
from tests.app.client import Visitor
from tests.app.grouping import NOW, TALKS
from tests.app.serving import RunningApp

# Nobody waits for it but who is lost: longer than a busy machine takes.
DEADLINE_S = 30.0
# For tests that wait for it.
SHORT_DEADLINE_S = 2.0


@pytest.fixture(scope="session")
def make_app() -> Iterator[Callable[[Settings], RunningApp]]:
    """Starts apps; all of them end with the session."""
    started: list[RunningApp] = []

    def make(settings: Settings) -> RunningApp:
        app = RunningApp(settings)
        app.start()
        started.append(app)
        return app

    yield make
    for app in started:
        app.stop()


@pytest.fixture(scope="module")
def demo(
    make_app: Callable[[Settings], RunningApp],
    sqlite_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> RunningApp:
    """One demo app for the tests of a module that leave nothing behind."""
    var = tmp_path_factory.mktemp("demo")
    shutil.copy(sqlite_template, var / "navi.db")
    return make_app(Settings(env=Environment.demo, var=var, turn_deadline=DEADLINE_S))


@pytest.fixture
def app(settings: Settings) -> Iterator[RunningApp]:
    """An app of the test's own, on SQLite and on PostgreSQL."""
    running = RunningApp(settings.model_copy(update={"turn_deadline": DEADLINE_S}))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def lite(sqlite_settings: Settings) -> Iterator[RunningApp]:
    """An app of the test's own, on SQLite only (where the database takes no part)."""
    running = RunningApp(sqlite_settings.model_copy(update={"turn_deadline": DEADLINE_S}))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def hasty(sqlite_settings: Settings) -> Iterator[RunningApp]:
    """The same, and it gives a turn up soon: for tests that wait for that."""
    running = RunningApp(sqlite_settings.model_copy(update={"turn_deadline": SHORT_DEADLINE_S}))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def guest(demo: RunningApp) -> Iterator[Visitor]:
    """A guest of the module's app."""
    demo.dialogue.how = "answer"
    with Visitor(demo.base_url) as visitor:
        yield visitor.start()


@pytest.fixture
def grouped(sqlite_settings: Settings) -> Iterator[GroupedSessions]:
    engine: Engine = create_engine(sqlite_settings.resolved_database_url())
    yield GroupedSessions(engine, session_factory(engine))
    engine.dispose()


@pytest.fixture
def journal(grouped: GroupedSessions) -> Journal:
    made = Journal(grouped)
    for talk in TALKS:
        conversation = Conversation(talk, "x" * 64, "web", None, None, None, 0)
        made.begin(conversation, [Draft("bot", "こんにちは")], NOW)
    return made
