"""The widget as a visitor handles it. Works against any server: it takes a base URL."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect


def wait_until(page: Page, holds: Callable[[], object]) -> None:
    """Until what the browser causes elsewhere has come; the page goes on meanwhile."""
    for _ in range(900):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it never came")


class WidgetPage:
    """One browser page with the widget on it; locators reach into the open shadow root."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page = page
        self.base_url = base_url
        self.chat = page.locator("navi-chat")
        self.launcher = self.chat.locator(".launcher")
        self.panel = self.chat.locator(".panel")
        self.log = self.chat.get_by_role("log", name="やりとり")
        self.field = self.chat.get_by_label("メッセージを入力")
        self.messages = self.log.locator(".msg")
        self.member_messages = self.log.locator(".msg.member")
        self.bot_messages = self.log.locator(".msg.bot")
        self.unsent = self.log.locator(".msg.failed, .msg.refused")
        self.typing = self.log.locator(".typing:not(.staff-typing)")
        self.status = self.chat.locator(".status")
        self.live = self.chat.locator("[aria-live=polite].sr")

    def goto(self, path: str = "/") -> WidgetPage:
        self.page.goto(self.base_url + path)
        return self

    def open(self, path: str = "/") -> WidgetPage:
        """Goes to the page and opens the panel; returns when the first bot message is there."""
        self.goto(path)
        self.launcher.click()
        expect(self.bot_messages.first).to_be_visible()
        return self

    def button(self, name: str) -> Locator:
        return self.panel.get_by_role("button", name=name, exact=True)

    def write(self, text: str) -> None:
        """Types and sends; does not wait for anything."""
        self.field.fill(text)
        self.field.press("Enter")

    def choose(self, label: str) -> None:
        """Presses a large button under the newest message."""
        newest = self.log.locator(".msg.newest").get_by_role("button", name=label, exact=True)
        newest.click()

    def ask_from_menu(self, label: str) -> None:
        self.button("メニュー").click()
        self.button(label).click()

    def texts(self, author: str) -> list[str]:
        """What the bubbles of one author (member, bot, staff, system) show."""
        bubbles = self.log.locator(f".msg.{author} .bubble > p:not(.who), .msg.{author} ol > li")
        return [text.strip() for text in bubbles.all_inner_texts()]

    def last_reply(self) -> Locator:
        return self.bot_messages.last

    def sideways(self) -> int:
        """How many CSS pixels the page or the panel can be scrolled sideways (0 is right)."""
        result = self.page.evaluate(
            """() => {
              const root = document.querySelector('navi-chat').shadowRoot;
              const boxes = [document.documentElement, ...root.querySelectorAll('.panel, .log')];
              return Math.max(...boxes.map((box) => box.scrollWidth - box.clientWidth));
            }"""
        )
        return int(result)
