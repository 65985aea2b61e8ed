"""Typing: Japanese input methods, the keyboard alone, the caret's whereabouts."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.fake_api import FakeDesk
from tests.browser.widget_page import WidgetPage

FOCUSED = """() => {
  let node = document.activeElement;
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  return (node?.getAttribute('aria-label') ?? node?.textContent ?? '').trim();
}"""


def press_until(page: Page, key: str, wanted: str, limit: int = 60) -> None:
    """Presses a key until the focus is on what is called `wanted`."""
    for _ in range(limit):
        page.keyboard.press(key)
        if page.evaluate(FOCUSED).startswith(wanted):
            return
    raise AssertionError(f"{key} never reached {wanted!r}")


def test_enter_while_an_ime_composes_does_not_send(widget: WidgetPage, desk: FakeDesk) -> None:
    widget.open()
    widget.field.focus()
    ime = widget.page.context.new_cdp_session(widget.page)
    ime.send(
        "Input.imeSetComposition", {"text": "とどかない", "selectionStart": 5, "selectionEnd": 5}
    )
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    ime.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    ime.send("Input.insertText", {"text": "届かない"})
    ime.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
    expect(widget.field).to_have_value("届かない")
    widget.page.wait_for_timeout(300)
    assert desk.sent_ids() == []
    widget.field.press("Enter")
    expect(widget.bot_messages).to_have_count(2)
    assert desk.said() == ["届かない"]


def test_enter_of_a_composition_in_progress(widget: WidgetPage, desk: FakeDesk) -> None:
    """Chromium marks the key: isComposing with keyCode 13, as some input methods send it."""
    widget.open()
    widget.field.focus()
    ime = widget.page.context.new_cdp_session(widget.page)
    ime.send("Input.imeSetComposition", {"text": "まだ", "selectionStart": 2, "selectionEnd": 2})
    widget.page.keyboard.press("Enter")
    widget.page.wait_for_timeout(300)
    assert desk.sent_ids() == []


def test_safari_ends_the_composition_before_the_key(widget: WidgetPage, desk: FakeDesk) -> None:
    widget.open()
    widget.field.fill("届かない")
    widget.field.evaluate(
        """field => {
          field.dispatchEvent(new CompositionEvent('compositionstart'));
          field.dispatchEvent(new CompositionEvent('compositionend'));
          field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
        }"""
    )
    widget.page.wait_for_timeout(300)
    assert desk.sent_ids() == []
    expect(widget.field).to_have_value("届かない")


def test_shift_enter_makes_a_line_and_the_field_grows(widget: WidgetPage, desk: FakeDesk) -> None:
    widget.open()
    low = widget.field.bounding_box()
    widget.field.fill("一行目")
    for line in ("二", "三", "四", "五", "六"):
        widget.field.press("Shift+Enter")
        widget.field.press_sequentially(line)
    high = widget.field.bounding_box()
    assert low and high and low["height"] < high["height"] < 140
    widget.field.press("Enter")
    expect(widget.member_messages).to_contain_text("一行目\n二\n三")
    expect(widget.bot_messages).to_have_count(2)  # answered: so it has arrived
    assert desk.said()[0].count("\n") == 5


def test_everything_by_keyboard(widget: WidgetPage, desk: FakeDesk) -> None:
    page = widget.page
    widget.goto()
    press_until(page, "Tab", "お手続きのご相談")
    page.keyboard.press("Enter")
    expect(widget.field).to_be_focused()
    expect(widget.bot_messages.first).to_be_visible()
    press_until(page, "Shift+Tab", "手続きが完了しているか確かめる")
    page.keyboard.press("Enter")
    expect(widget.bot_messages).to_have_count(3)
    press_until(page, "Tab", "届いていない")
    page.keyboard.press("Space")
    expect(widget.last_reply()).to_contain_text("受付完了のお知らせ")
    press_until(page, "Tab", "メニュー")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")  # closes the menu, not the panel
    expect(widget.button("メニュー")).to_be_focused()
    page.keyboard.press("Enter")
    press_until(page, "Tab", "登録のメールが届きません")
    page.keyboard.press("Enter")
    expect(widget.member_messages).to_have_count(3)
    expect(widget.member_messages.last).to_contain_text("送信済み")
    page.keyboard.press("Escape")
    expect(widget.panel).to_be_hidden()
    expect(widget.launcher).to_be_focused()
    assert desk.said()[-1] == "登録のメールが届きません"


def test_only_new_messages_of_others_are_announced(widget: WidgetPage) -> None:
    widget.open()
    expect(widget.log).to_have_attribute("aria-live", "off")
    expect(widget.live).to_contain_text("お知らせ：ご入力の内容は")
    widget.write("質問です")
    expect(widget.live).to_contain_text("自動案内：「質問です」についてですね。")
    expect(widget.live).not_to_contain_text("あなた")
