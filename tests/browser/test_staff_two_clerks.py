"""Two clerks with one call in a real Chromium: the second sees what happened and loses nothing."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.app.serving import RunningApp
from tests.browser.accessible import accessible
from tests.browser.staff_console import Open
from tests.script.fake_check import FakeCheck

# A focus scrolls some frames later.
_STANDS_STILL = """new Promise((done) => {
  let [last, frames] = [scrollY, 0];
  const look = () => {
    [last, frames] = [scrollY, scrollY === last ? frames + 1 : 0];
    frames < 30 ? requestAnimationFrame(look) : done();
  };
  look();
})"""


def test_the_second_clerk_is_told_and_keeps_her_words(staff_app: RunningApp, console: Open) -> None:
    before, staff_app.dialogue.answer = staff_app.dialogue.answer, FakeCheck().answer
    try:
        first, second = console().page, console().page
        second.set_viewport_size({"width": 360, "height": 800})
        first.goto(f"{staff_app.base_url}/staff/script")
        first.locator("form:has(input[name=caller]) button").last.click()
        first.wait_for_url("**/staff/script/*")
        first.keyboard.press("1")
        expect(first.locator("#say .ask")).to_contain_text("opening_mail")
        second.goto(first.url)
        # An answer at once: the second one's is not taken for the next question.
        first.keyboard.press("2")
        expect(first.locator("#say .breath").last).to_contain_text("acceptance_mail")
        second.locator("#words").fill("届いていません")
        second.locator("#words").press("Enter")
        expect(second.locator("#overtaken")).to_contain_text("まだ記録されていません")
        expect(second.locator("#words")).to_have_value("届いていません")
        expect(second.locator("#words")).to_be_focused()
        second.evaluate(_STANDS_STILL)
        expect(second.locator("#overtaken")).to_be_in_viewport(ratio=0.9)
        expect(second.locator("#say .breath").last).to_contain_text("acceptance_mail")
        accessible(second)
        second.keyboard.press("Enter")
        expect(second.locator("#overtaken")).to_have_count(0)
        # Another topic, by the palette, after both went on.
        second.keyboard.press("Escape")
        second.keyboard.press("g")
        second.keyboard.type("せいきゅう")
        second.keyboard.press("Enter")
        expect(second.locator("#say .breath").first).to_contain_text("billing_start")
        # The end at once.
        second.goto(f"{second.url}/end")
        first.goto(f"{first.url}/end")
        first.locator("#agreed").fill("あす確かめて折り返します。")
        first.locator("#finish").click()
        first.wait_for_url("**/staff/cases/*")
        second.locator("#agreed").fill("夕方にお電話します。")
        second.keyboard.press("Control+Enter")
        expect(second.locator("#overtaken")).to_contain_text("先に終えています")
        expect(second.locator("details")).to_contain_text("あす確かめて折り返します。")
        expect(second.locator("#agreed")).to_have_value("夕方にお電話します。")
        accessible(second)
        second.locator("#finish").click()
        second.wait_for_url("**/staff/cases/*")
        expect(second.locator("#agreed")).to_have_value(
            "あす確かめて折り返します。\n\n夕方にお電話します。"
        )
    finally:
        staff_app.dialogue.answer = before
