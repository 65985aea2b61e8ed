"""How it looks and reads: small screens, zoom, colours, motion, odd hosts, axe, size."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.accessible import accessible
from tests.browser.fake_api import STATIC, FakeDesk, Fault
from tests.browser.widget_page import WidgetPage

BUDGET_BYTES = 32_000
SCREENS: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True},
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "zoomed": {"viewport": {"width": 640, "height": 400}},  # 1280 x 800 at 200 %
    "zoomed far": {"viewport": {"width": 320, "height": 256}},  # WCAG's reflow: 400 %
    "dark": {"color_scheme": "dark"},
    "dark phone": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"},
    "high contrast": {"forced_colors": "active"},
}


@pytest.fixture(params=list(SCREENS.values()), ids=list(SCREENS))
def on_screen(
    request: pytest.FixtureRequest, new_context: Callable[..., BrowserContext], base_url: str
) -> WidgetPage:
    return WidgetPage(new_context(**request.param).new_page(), base_url)


def fill(widget: WidgetPage, desk: FakeDesk) -> None:
    """A conversation with everything in it: card, staff, feedback, an unsent message."""
    widget.open()
    widget.choose("手続きが完了しているか確かめる")
    for label in ("届いていない", "届いていない", "メールがある", "まだ押していない"):
        expect(widget.log.locator(".newest .choice")).to_have_count(5)
        widget.choose(label)
    expect(widget.last_reply().locator(".step")).to_have_count(5)
    desk.staff_says("担当者です。" + "とても長い説明です。" * 20)
    expect(widget.log.locator(".msg.staff")).to_have_count(1)
    desk.faults.extend([Fault("drop"), Fault("unavailable", retry_after=60)])
    widget.write("https://example.test/" + "a" * 120)
    expect(widget.unsent).to_have_count(1)


def test_fits_and_is_accessible(on_screen: WidgetPage, desk: FakeDesk) -> None:
    on_screen.goto()
    accessible(on_screen.page)
    fill(on_screen, desk)
    assert on_screen.sideways() == 0
    accessible(on_screen.page)
    on_screen.button("メニュー").click()
    accessible(on_screen.page)
    assert on_screen.sideways() == 0
    on_screen.page.keyboard.press("Escape")
    on_screen.button("文字を大きく").click()
    assert on_screen.sideways() == 0
    on_screen.button("最初から").click()
    accessible(on_screen.page)
    expect(on_screen.button("このまま続ける")).to_be_in_viewport()


def test_a_logged_in_demo_page_and_a_link_page_are_accessible(widget: WidgetPage) -> None:
    widget.goto()
    widget.page.get_by_role("button", name=re.compile("見本会 様")).click()
    expect(widget.page.get_by_text("でログイン中")).to_be_visible()
    accessible(widget.page)
    widget.goto("/links/faq")
    accessible(widget.page)


def test_a_phone_gets_the_whole_screen(
    new_context: Callable[..., BrowserContext], base_url: str
) -> None:
    page = new_context(viewport={"width": 360, "height": 740}, has_touch=True).new_page()
    widget = WidgetPage(page, base_url).open()
    assert widget.panel.bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 740}
    expect(widget.panel).to_have_attribute("aria-modal", "true")
    for _ in range(12):  # Tab stays inside what covers the page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.localName") == "navi-chat"


def test_targets_are_large_enough(widget: WidgetPage) -> None:
    widget.open()
    widget.write("質問です")
    expect(widget.button("役に立った")).to_be_visible()
    for button in widget.panel.get_by_role("button").all():
        box = button.bounding_box()
        if button.is_visible() and box:
            assert box["height"] >= 44 and box["width"] >= 44, button.inner_text()


def test_large_type_is_remembered(widget: WidgetPage) -> None:
    widget.open()
    size = "node => parseFloat(getComputedStyle(node).fontSize)"
    before = widget.field.evaluate(size)
    assert before >= 17
    widget.button("文字を大きく").click()
    assert widget.field.evaluate(size) > before * 1.2
    widget.page.reload()
    expect(widget.button("文字を戻す")).to_be_visible()


def test_reduced_motion_stops_the_dots(
    new_context: Callable[..., BrowserContext], base_url: str, desk: FakeDesk
) -> None:
    still = WidgetPage(new_context(reduced_motion="reduce").new_page(), base_url).open()
    desk.faults.append(Fault("hold"))
    still.write("質問です")
    dot = still.typing.locator("i").first
    expect(dot).to_be_visible()
    assert dot.evaluate("node => getComputedStyle(node).animationName") == "none"
    expect(still.typing).to_contain_text("確認しています")
    desk.let_go.set()


def test_dark_mode_is_dark(new_context: Callable[..., BrowserContext], base_url: str) -> None:
    widget = WidgetPage(new_context(color_scheme="dark").new_page(), base_url).open()
    colour = widget.panel.evaluate("node => getComputedStyle(node).backgroundColor")
    assert max(int(part) for part in re.findall(r"\d+", colour)[:3]) < 60


def test_odd_css_of_the_host_does_not_reach_in(widget: WidgetPage) -> None:
    widget.open("/odd")
    style = widget.field.evaluate(
        "node => { const s = getComputedStyle(node); return [s.fontSize, s.color, s.direction]; }"
    )
    assert float(style[0].removesuffix("px")) >= 17
    assert style[1] != "rgb(0, 255, 0)" and style[2] == "ltr"
    box = widget.panel.bounding_box()
    assert box and box["width"] == 400 and box["x"] + box["width"] <= 1280
    widget.write("届きますか")
    expect(widget.bot_messages).to_have_count(2)


def test_inline_in_a_page(widget: WidgetPage) -> None:
    widget.goto("/inline")
    expect(widget.bot_messages.first).to_be_visible()
    expect(widget.launcher).to_be_hidden()
    expect(widget.button("閉じる")).to_be_hidden()
    assert widget.chat.count() == 1
    box = widget.panel.bounding_box()
    assert box and box["height"] == 640 and box["width"] > 1000


def test_a_page_that_opens_it_by_itself_keeps_its_focus(page: Page, base_url: str) -> None:
    widget = WidgetPage(page, base_url).goto("/opened")
    expect(widget.bot_messages.first).to_be_visible()
    assert page.evaluate("document.activeElement.localName") == "body"


def test_the_widget_stays_small() -> None:
    # The demo phone's script is a page of its own, no part of the widget.
    modules = sorted(set(STATIC.glob("*.js")) - {STATIC / "line-demo.js"})
    total = sum(len(gzip.compress(module.read_bytes(), 9)) for module in modules)
    assert total <= BUDGET_BYTES, f"{total} bytes gzipped"


def test_no_markup_is_ever_built_from_text() -> None:
    for module in STATIC.glob("*.js"):
        source = module.read_text("utf-8")
        found = re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", source)
        assert found is None, f"{module.name}: {found and found.group()}"
