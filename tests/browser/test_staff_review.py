"""The review's pages in a real Chromium: they fit, they show text only, marks are kept."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bot.settings import Environment, Settings
from tests.app.client import Visitor
from tests.app.fakes import Body, button, reply
from tests.app.serving import RunningApp
from tests.browser.accessible import accessible
from tests.browser.staff_console import watched_page
from tests.staff.hostile import HOSTILE

Contexts = Callable[..., BrowserContext]


def _asks_back(body: Body) -> list[Body]:
    if body.get("intent"):
        return [reply("こうしてください。", body["intent"])]
    choices = [button("メールが届かない", "/mail_missing"), button("その他", "/handoff")]
    return [reply("どちらでしょうか。", "clarify", buttons=choices)]


@pytest.fixture(scope="module")
def demo(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A demo with a conversation of hostile texts and one that pressed a button."""
    var = tmp_path_factory.mktemp("review")
    shutil.copy(sqlite_template, var / "navi.db")
    app = RunningApp(Settings(env=Environment.demo, var=var))
    app.dialogue.answer = _asks_back
    app.start()
    with Visitor(app.base_url).start() as hostile:
        for text in HOSTILE:
            hostile.say(text)
    with Visitor(app.base_url).start() as guest:
        guest.say("届かんのやけど")
        guest.say("メールが届かない")
    yield app.base_url
    app.stop()


def _supervisor(context: BrowserContext, demo: str, complaints: list[str]) -> Page:
    page = watched_page(context, complaints)
    page.goto(f"{demo}/staff/sign-in")
    page.get_by_role("button", name="デモの責任者として入る").click()
    page.wait_for_url("**/staff/inbox")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_pages_fit_and_axe_finds_nothing(
    demo: str, new_context: Contexts, width: int, scheme: str
) -> None:
    complaints: list[str] = []
    context = new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = _supervisor(context, demo, complaints)
    for path in ("/staff/review", "/staff/review/unclear"):
        page.goto(demo + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
        accessible(page)
    page.get_by_role("link", name="会話を見る").first.click()
    expect(page.locator("h1")).to_have_text("会話の記録")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    accessible(page)
    assert complaints == []


def test_what_members_wrote_stays_text(demo: str, new_context: Contexts) -> None:
    page = _supervisor(new_context(), demo, [])
    page.goto(f"{demo}/staff/review/unclear?every=true")
    shown = page.locator(".unclear .said").all_inner_texts()
    assert len(shown) == 50, "a full page of them"
    page.get_by_role("link", name="会話を見る").last.click()
    said = page.locator(".transcript .member .said").all_inner_texts()
    assert len(said) == len(HOSTILE)
    assert page.evaluate("window.hacked") is None
    markup = "main :is(iframe, object, embed, script, img, style, video, [onerror], [style])"
    assert page.locator(markup).count() == 0


def test_a_mark_is_kept_and_what_was_chosen_next_stands_there(
    demo: str, new_context: Contexts
) -> None:
    page = _supervisor(new_context(), demo, [])
    page.goto(f"{demo}/staff/review/unclear")
    row = page.locator(".unclear li").filter(has_text="届かんのやけど").first
    expect(row.get_by_label("正しい話題")).to_have_value("mail_missing")
    row.get_by_role("button", name="決める").click()
    expect(row.get_by_role("status")).to_have_text("処理済み")
    page.reload()
    expect(page.locator(".unclear li").filter(has_text="届かんのやけど")).to_have_count(0)
    exported = page.request.get(f"{demo}/staff/review/training.yml").text()
    assert "- intent: mail_missing" in exported and "届かんのやけど" in exported
    assert "届かんのやけど" not in page.request.get(f"{demo}/staff/review/figures.csv").text()


def test_the_tree_is_a_picture_with_numbers(demo: str, new_context: Contexts) -> None:
    page = _supervisor(new_context(), demo, [])
    page.goto(f"{demo}/staff/review")
    picture = page.get_by_role("img", name="手続きの確認の質問")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 500")
