"""A headless Chromium and a fake desk for the browser tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from bot.settings import Environment, Settings
from tests.app.serving import RunningApp
from tests.browser.fake_api import FakeDesk, serve
from tests.browser.staff_console import Console, Member, Members, Open, running
from tests.browser.widget_page import WidgetPage

# Nobody measures here: a busy machine is no fault.
PATIENCE_MS = 45_000
FLAGS = [
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:  # the hook sees every test of the run, not only this folder's
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


# Playwright keeps an event loop running in this thread: it must be gone before the tests of other
# folders make their own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium")
    if executable is None:
        sentence = "chromium is not installed, so the web page cannot be tested"
        if os.environ.get("CI"):
            pytest.fail(sentence)
        pytest.skip(sentence)
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes contexts (viewport, color_scheme, ... as Playwright names them) and closes them."""
    made: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        options.setdefault("viewport", {"width": 1280, "height": 800})
        context = browser.new_context(locale="ja-JP", **options)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture(scope="session")
def _running() -> Iterator[tuple[FakeDesk, str]]:
    desk = FakeDesk()
    with serve(desk) as url:
        yield desk, url


@pytest.fixture
def desk(_running: tuple[FakeDesk, str]) -> FakeDesk:
    """The fake server's handles; it has forgotten the test before."""
    desk, _ = _running
    desk.reset()
    return desk


@pytest.fixture
def base_url(_running: tuple[FakeDesk, str], desk: FakeDesk) -> str:
    return _running[1]


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Iterator[Page]:
    """A page on which script errors and third-party requests make the test fail."""
    page = new_context().new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert not errors, errors


@pytest.fixture
def widget(page: Page, base_url: str) -> WidgetPage:
    return WidgetPage(page, base_url)


@pytest.fixture(scope="package")
def staff_app(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningApp]:
    var = tmp_path_factory.mktemp("inbox")
    shutil.copy(sqlite_template, var / "navi.db")
    with running(Settings(env=Environment.demo, var=var)) as app:
        yield app


@pytest.fixture
def members(staff_app: RunningApp) -> Iterator[Members]:
    """Guests who have asked for a person."""
    made: list[Member] = []

    def make() -> Member:
        made.append(Member(staff_app))
        return made[-1]

    yield make
    for member in made:
        member.visitor.http.close()


@pytest.fixture
def console(staff_app: RunningApp, new_context: Callable[..., BrowserContext]) -> Iterator[Open]:
    """Opens consoles, each in a browser of its own; script errors fail the test."""
    made: list[Console] = []

    def open(role: str = "担当者", **options: object) -> Console:
        made.append(Console(new_context(**options), staff_app.base_url, role))
        return made[-1]

    yield open
    for one in made:
        assert not one.errors, one.errors
