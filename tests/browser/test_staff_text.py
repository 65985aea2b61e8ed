"""The inbox shows nothing but text, to everybody, with and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.app.serving import RunningApp
from tests.browser.accessible import accessible
from tests.browser.staff_console import Members, Open
from tests.staff.hostile import HOSTILE


def test_it_works_without_scripts(members: Members, console: Open) -> None:
    member = members()
    desk = console(java_script_enabled=False).open(member.id)
    desk.press("引き受ける")
    desk.field.fill("台本なしで")
    desk.page.get_by_role("button", name="送信", exact=True).click()
    expect(desk.said.filter(has_text="台本なしで")).to_be_visible()
    assert member.hears()[-1] == ("staff", "台本なしで")


def test_nothing_that_anybody_wrote_becomes_markup(
    staff_app: RunningApp, members: Members, console: Open
) -> None:
    member = members()
    desk = console("責任者").open(member.id)
    desk.take()
    before = desk.page.evaluate("[...document.querySelectorAll('*')].map(e => e.localName).sort()")
    names = set(before)
    for text in HOSTILE:
        member.says(text)
    desk.answer("".join(HOSTILE[:12])[:900])
    desk.page.goto(f"{staff_app.base_url}/staff/answers")
    for text in HOSTILE[::7]:
        desk.save_answer(text[:80], text)
    desk.open(member.id)
    for text in HOSTILE[::5]:
        if desk.page.locator("#note").is_hidden():
            desk.page.locator("#talk-note summary").click()
        desk.page.locator("#note").fill(text)
        desk.page.get_by_role("button", name="メモを残す").click()
        expect(desk.page.locator(".said.note").last).to_contain_text(text)
    desk.title.focus()
    desk.page.keyboard.press("/")
    expect(desk.page.locator("#saved-list li").first).to_be_visible()
    shown = desk.page.locator(".said.member .said-text").all_inner_texts()
    assert shown[-len(HOSTILE) :] == list(HOSTILE)
    for path in (f"inbox/{member.id}", "answers", "audit"):
        desk.page.goto(f"{staff_app.base_url}/staff/{path}")
        assert desk.page.evaluate("window.hacked") is None
        assert (
            desk.page.locator("main :is(iframe, object, embed, svg, img, style, video)").count()
            == 0
        )
        assert desk.page.locator("main :is([onerror], [onload], [onfocus], [style])").count() == 0
    allowed = names | {"details", "summary", "br"}
    desk.open(member.id)
    made = set(desk.page.evaluate("[...document.querySelectorAll('main *')].map(e => e.localName)"))
    assert made <= allowed | {"li", "ul", "option", "input", "label"}, made - allowed


def test_the_member_sees_text_too(members: Members, console: Open) -> None:
    member = members()
    desk = console().open(member.id)
    desk.take()
    for text in HOSTILE[::9]:
        desk.answer(text)
    assert [text for author, text in member.hears() if author == "staff"] == list(HOSTILE[::9])


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 360), ("dark", 768), ("light", 1280), ("dark", 1280)]
)
def test_axe_finds_nothing(
    staff_app: RunningApp, members: Members, console: Open, scheme: str, width: int
) -> None:
    member = members()
    desk = console("責任者", color_scheme=scheme, viewport={"width": width, "height": 800})
    desk.open(member.id).take()
    desk.answer("はい")
    for path in (f"inbox/{member.id}", "inbox", "answers", "hours"):
        desk.page.goto(f"{staff_app.base_url}/staff/{path}")
        expect(desk.page.get_by_role("switch")).to_be_visible()
        accessible(desk.page)
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert desk.page.evaluate(wide) == 0, (path, width)
