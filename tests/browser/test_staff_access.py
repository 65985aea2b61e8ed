"""The console's way in and its frame, in a real Chromium."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bot.settings import Environment, Settings
from tests.app.serving import RunningApp
from tests.browser.accessible import accessible
from tests.browser.staff_console import watched_page

Contexts = Callable[..., BrowserContext]
PAGES = ("/staff/account", "/staff/audit", "/staff/no-such-page")


@pytest.fixture(scope="module")
def demo(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A demo's address."""
    var = tmp_path_factory.mktemp("access")
    shutil.copy(sqlite_template, var / "navi.db")
    app = RunningApp(Settings(env=Environment.demo, var=var))
    app.start()
    yield app.base_url
    app.stop()


def _open(context: BrowserContext, address: str, complaints: list[str]) -> Page:
    page = watched_page(context, complaints)
    page.goto(address)
    return page


def test_signing_in_by_keyboard_alone(demo: str, new_context: Contexts) -> None:
    complaints: list[str] = []
    page = _open(new_context(), f"{demo}/staff/audit", complaints)
    expect(page.locator("#login")).to_be_focused()
    supervisor = page.locator(".demo-account").nth(1).locator("code").all_inner_texts()
    for typed in supervisor:
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{demo}/staff/audit")
    expect(page.locator("h1")).to_have_text("監査記録")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.get_by_role("button", name="ログアウト").click()
    page.wait_for_url(f"{demo}/staff/sign-in")
    page.go_back()
    page.reload()
    expect(page.locator("h1")).to_have_text("担当者のログイン")
    assert complaints == []


def test_a_wrong_password_keeps_the_name_and_says_what_to_do(
    demo: str, new_context: Contexts
) -> None:
    page = _open(new_context(), f"{demo}/staff", [])
    page.fill("#login", "demo-agent")
    page.fill("#password", "wrong")
    page.fill("#code", "123456")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("ログインできませんでした")
    expect(page.locator("#login")).to_have_value("demo-agent")
    expect(page.locator("#password")).to_have_value("")
    expect(page.locator("#password")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_pages_fit_and_axe_finds_nothing(
    demo: str, new_context: Contexts, width: int, scheme: str
) -> None:
    context = new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    complaints: list[str] = []
    page = _open(context, f"{demo}/staff/sign-in", complaints)
    _fits(page, width)
    page.get_by_role("button", name="デモの責任者として入る").click()
    page.wait_for_url("**/staff/inbox")
    for path in PAGES:
        page.goto(demo + path)
        _fits(page, width)
    assert complaints == []


@pytest.mark.parametrize(("width", "most"), [(360, 120), (1024, 60)])
def test_the_bar_leaves_the_window_to_the_work(
    demo: str, new_context: Contexts, width: int, most: int
) -> None:
    page = _open(new_context(viewport={"width": width, "height": 740}), f"{demo}/staff", [])
    page.get_by_role("button", name="デモの責任者として入る").click()
    page.wait_for_url("**/staff/inbox")
    office = page.locator("#presence-office")
    expect(office).not_to_be_empty()
    office.evaluate(
        "said => { said.textContent = '窓口：受付時間外（次は12月30日（月）9時から）' }"
    )
    assert page.locator("header.bar").evaluate("bar => bar.offsetHeight") <= most
    for one in page.locator("header.bar a, header.bar button:visible").all():
        box = one.bounding_box()
        assert box is not None and box["height"] >= 44 and box["x"] + box["width"] <= width


def _fits(page: Page, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    accessible(page)


def test_another_site_can_neither_frame_nor_post(demo: str, new_context: Contexts) -> None:
    context = new_context()
    page = _open(context, f"{demo}/staff/sign-in", [])
    page.get_by_role("button", name="デモの責任者として入る").click()
    page.wait_for_url("**/staff/inbox")
    evil = f"""<iframe src="{demo}/staff/audit"></iframe>
      <form method="post" action="{demo}/staff/account/sign-out-everywhere" target="t"></form>
      <iframe name="t"></iframe>"""
    # Another site on the same machine: what lies there has no policy of ours.
    page.goto(demo.replace("127.0.0.1", "localhost") + "/healthz")
    page.set_content(evil)
    with page.expect_response("**/sign-out-everywhere") as answered:
        page.evaluate("document.forms[0].submit()")
    assert answered.value.status == 403
    assert all("監査記録" not in frame.content() for frame in page.frames)
    page.goto(f"{demo}/staff/audit")
    expect(page.locator("h1")).to_have_text("監査記録")
