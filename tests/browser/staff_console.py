"""A running demo app, members who ask for a person, and the console in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

from bot.settings import Settings
from tests.app.client import Visitor
from tests.app.fakes import Body, reply
from tests.app.serving import RunningApp

PERSON = "担当者につないでください"


def answer(body: Body) -> list[Body]:
    """The dialogue: hands over when asked, else repeats."""
    if body["text"] == PERSON:
        return [reply("担当者におつなぎします。", "handoff", facts={"handover": True})]
    return [reply(f"自動のお返事：{body['text']}", "faq")]


@contextmanager
def running(settings: Settings) -> Iterator[RunningApp]:
    """The demo's app over a fake dialogue."""
    app = RunningApp(settings)
    app.dialogue.answer = answer
    app.start()
    try:
        yield app
    finally:
        app.stop()


class Member:
    """A guest on the website who writes by HTTP."""

    def __init__(self, app: RunningApp, words: str = PERSON, **start: Any) -> None:
        self.visitor = Visitor(app.base_url).start(**start)
        self.id = self.visitor.id
        if words:
            self.says(words)

    def says(self, text: str) -> list[dict[str, Any]]:
        """Write; gives the bot's replies."""
        return self.visitor.say(text)

    def hears(self) -> list[tuple[str, str]]:
        """Author and text of everything so far."""
        return [(message["author"], message["text"]) for message in self.visitor.history()]


class Console:
    """The inbox in one browser, signed in by the demo's button."""

    def __init__(self, context: BrowserContext, base_url: str, role: str = "担当者") -> None:
        self.context, self.base_url = context, base_url
        self.page: Page = context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(f"{base_url}/staff/sign-in")
        self.page.get_by_role("button", name=f"デモの{role}として").click()
        expect(self.page.locator("header.bar")).to_be_visible()

    def open(self, conversation_id: str = "") -> Console:
        """The list, or a conversation."""
        self.page.goto(f"{self.base_url}/staff/inbox/{conversation_id}".rstrip("/"))
        return self

    def part(self, name: str) -> Locator:
        """A section of the list: waiting, mine, others, closed."""
        return self.page.locator(f".queue-row[data-part={name}]")

    @property
    def title(self) -> Locator:
        return self.page.locator("#talk-title")

    @property
    def said(self) -> Locator:
        return self.page.locator("#talk-items .said")

    @property
    def field(self) -> Locator:
        return self.page.locator("#reply")

    def press(self, name: str) -> None:
        """A button of the conversation's bar."""
        self.page.locator("#talk-bar").get_by_role("button", name=name, exact=True).click()

    def take(self) -> None:
        """引き受ける, and be where one writes."""
        self.press("引き受ける")
        expect(self.field).to_be_focused()

    def save_answer(self, title: str, text: str) -> None:
        """Add a saved answer, on its page; until it is kept and shown."""
        shown = self.page.locator("details.answer")
        before = shown.count()
        self.page.get_by_label("見出し").first.fill(title)
        self.page.get_by_label("文章").first.fill(text)
        self.page.get_by_role("button", name="加える").click()
        expect(shown).to_have_count(before + 1)

    def answer(self, text: str) -> None:
        """Write and send by keyboard."""
        self.field.fill(text)
        self.field.press("Control+Enter")
        expect(self.said.filter(has_text=text).last).to_be_visible()


def watched_page(context: BrowserContext, complaints: list[str]) -> Page:
    """A new page whose errors and refusals by its policy are added to `complaints`."""
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Policy" in said.text else None)
    return page


Open = Callable[..., Console]
Members = Callable[[], Member]
