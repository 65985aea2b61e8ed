"""The app without its dialogue, for tests of the console's pages."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from fastapi import FastAPI

from bot.app import create_apps
from bot.demo_registry import load_demo
from bot.settings import Settings
from bot.staff.members import Role
from bot.staff.parts import StaffParts
from tests.staff.inbox_acts import Begin, beginning
from tests.staff.people import Clock, Person, browser, person, sign_in_demo


@pytest.fixture
def clock() -> Clock:
    """Turned by tests."""
    return Clock()


@pytest.fixture
def make_console(clock: Clock) -> Iterator[Callable[[Settings], FastAPI]]:
    """Builds apps over a database; they are not started, so nothing runs beside the requests."""
    made: list[FastAPI] = []

    def make(settings: Settings) -> FastAPI:
        app = create_apps(settings, "http://127.0.0.1:1", "secret", clock).public
        if settings.demo:
            app.state.staff.load_demo()
        made.append(app)
        return app

    yield make
    for app in made:
        app.state.engine.dispose()


@pytest.fixture
def console(make_console: Callable[[Settings], FastAPI], settings: Settings) -> FastAPI:
    """The demo's app, on SQLite and on PostgreSQL."""
    return make_console(settings)


@pytest.fixture
def lite_console(make_console: Callable[[Settings], FastAPI], sqlite_settings: Settings) -> FastAPI:
    """The demo's app, on SQLite only (where the database takes no part)."""
    return make_console(sqlite_settings)


@pytest.fixture
def begin(console: FastAPI) -> Begin:
    """Begins conversations."""
    return beginning(console)


@pytest.fixture
def parts(console: FastAPI) -> StaffParts:
    """What lies behind the console's pages."""
    found: StaffParts = console.state.staff
    return found


@pytest.fixture
def agent(console: FastAPI) -> httpx.Client:
    """A browser in which the demo's agent is signed in."""
    client = browser(console)
    sign_in_demo(client, Role.agent)
    return client


@pytest.fixture
def chief(console: FastAPI) -> httpx.Client:
    """A browser in which the demo's supervisor is signed in."""
    client = browser(console)
    sign_in_demo(client, Role.supervisor)
    return client


@pytest.fixture
def guest(console: FastAPI) -> httpx.Client:
    """A browser in which nobody is signed in."""
    return browser(console)


@pytest.fixture
def demo_members(console: FastAPI, clock: Clock) -> None:
    """The demo's invented members in the console's registry."""
    with console.state.sessions.begin() as session:
        load_demo(session, clock())


@pytest.fixture
def sato(lite_console: FastAPI) -> Person:
    """Somebody with an account of their own, on SQLite."""
    return person(lite_console, "sato")
