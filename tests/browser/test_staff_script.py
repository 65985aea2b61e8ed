"""A call in a real Chromium: by keyboard alone, accessible, and nothing typed is ever lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bot.cases.records import CaseState
from bot.settings import Environment, Settings
from tests.app.serving import RunningApp
from tests.browser.accessible import accessible
from tests.script.fake_check import FakeCheck

NUMBER = "000106"


@pytest.fixture(scope="module")
def app(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The app over a dialogue that leads the check."""
    var = tmp_path_factory.mktemp("calls")
    shutil.copy(sqlite_template, var / "navi.db")
    running = RunningApp(Settings(env=Environment.demo, var=var))
    running.start()
    running.dialogue.answer = FakeCheck().answer
    yield running
    running.stop()


@pytest.fixture
def clerk(app: RunningApp, page: Page) -> Page:
    """A page on which the demo's agent is signed in."""
    app.dialogue.how = "answer"
    page.goto(f"{app.base_url}/staff/sign-in")
    page.locator("form:has(input[name=role][value=agent]) button").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.goto(f"{app.base_url}/staff/script")
    return page


def begin(page: Page) -> None:
    """A call without a look-up."""
    page.locator("form:has(input[name=caller]) button").last.click()
    page.wait_for_url("**/staff/script/*")


def key(page: Page, *keys: str) -> None:
    """Press keys as a hand does: the next one when the page shows what came of it."""
    for one in keys:
        page.keyboard.press(one)
        page.locator("#call:not([aria-busy])").wait_for()


def said(page: Page, text: str) -> None:
    """What is to be read aloud now."""
    expect(page.locator("#say .breath").last).to_contain_text(text)


def test_a_whole_call_by_keyboard_alone(app: RunningApp, clerk: Page) -> None:
    page = clerk
    # Found by typing, verified by what the caller says.
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type(NUMBER)
    expect(page.locator(".hit")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/verify")
    while page.evaluate("document.activeElement.id") != "said-email":
        page.keyboard.press("Tab")
    page.keyboard.type(f"demo-{NUMBER}@example.jp")
    page.keyboard.press("Enter")
    expect(page.locator("#go-on")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff/script/*")
    # The check by number keys and by the caller's words.
    key(page, "1")
    said(page, "opening_mail")
    key(page, "2")
    said(page, "acceptance_mail")
    page.keyboard.press("i")
    page.keyboard.type("来ました")
    key(page, "Enter")
    said(page, "accepted_on")
    expect(page.locator("#path .differs")).to_have_count(1)
    # Another topic and back to the question.
    page.keyboard.press("g")
    page.keyboard.type("せいきゅう")
    key(page, "Enter")
    expect(page.locator("#say .breath").first).to_contain_text("billing_start")
    said(page, "accepted_on")
    # An earlier answer is changed in the path; what hung on it is asked anew.
    page.keyboard.press("p")
    for arrow in ("ArrowUp", "ArrowUp", "ArrowUp", "ArrowUp", "ArrowUp", "ArrowDown", "ArrowRight"):
        page.keyboard.press(arrow)
    key(page, "Enter")
    said(page, "first_mail")
    key(page, "b")
    said(page, "acceptance_mail")
    # A note on the last step, the registry's answer, the end.
    page.keyboard.press("n")
    page.keyboard.type("件名を読んでいただいた")
    key(page, "Enter")
    expect(page.locator(".log .noted")).to_have_text("件名を読んでいただいた")
    key(page, "s")
    said(page, "あと1つ残っています")
    page.keyboard.press("e")
    page.wait_for_url("**/end")
    expect(page.locator("#agreed")).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.type("明日お電話します")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/staff/cases/*")
    assert app.apps is not None
    case = app.apps.public.state.staff.cases.get(page.url.rsplit("/", 1)[-1])
    assert case.state is CaseState.closed
    assert (case.number, case.outcome) == (NUMBER, "click_url")
    assert case.agreed.endswith("明日お電話します")


def test_what_was_typed_survives_a_dialogue_that_fails(app: RunningApp, clerk: Page) -> None:
    begin(clerk)
    key(clerk, "1")
    app.dialogue.how = "broken"
    clerk.keyboard.press("i")
    clerk.keyboard.type("来ました")
    key(clerk, "Enter")
    expect(clerk.locator("#failed")).to_contain_text("残っています")
    expect(clerk.locator("#words")).to_have_value("来ました")
    said(clerk, "opening_mail")
    with clerk.context.expect_page() as opened:
        clerk.get_by_role("link", name="判断の流れを開く").click()
    assert opened.value.url.endswith("/staff/script/tree.svg")
    opened.value.close()
    app.dialogue.how = "answer"
    clerk.locator("#retry").click()
    said(clerk, "login_ready")


def test_what_was_typed_survives_a_line_that_breaks(clerk: Page) -> None:
    begin(clerk)
    key(clerk, "1")
    clerk.route("**/steps", lambda route: route.abort())
    clerk.keyboard.press("i")
    clerk.keyboard.type("来ました")
    key(clerk, "Enter")
    expect(clerk.locator("#trouble")).to_contain_text("書いたものは残っています")
    expect(clerk.locator("#words")).to_have_value("来ました")
    clerk.unroute("**/steps")
    key(clerk, "Enter")
    said(clerk, "login_ready")
    expect(clerk.locator("#trouble")).to_be_hidden()
    expect(clerk.locator(".log > li")).to_have_count(2)


def test_a_note_half_written_survives_a_step(clerk: Page) -> None:
    begin(clerk)
    key(clerk, "1")
    clerk.keyboard.press("n")
    clerk.keyboard.type("画面の上に")
    clerk.keyboard.press("Escape")
    key(clerk, "2")
    said(clerk, "acceptance_mail")
    kept = clerk.locator('.note[open] input[name="text"]')
    expect(kept).to_have_value("画面の上に")
    expect(kept).to_be_visible()


def test_letters_in_a_field_are_letters(clerk: Page) -> None:
    begin(clerk)
    clerk.keyboard.press("i")
    clerk.keyboard.type("1ebs/?")
    expect(clerk.locator("#words")).to_have_value("1ebs/?")
    expect(clerk.locator("dialog[open]")).to_have_count(0)
    expect(clerk.locator(".log > li")).to_have_count(0)


def test_one_escape_leaves_the_palette(clerk: Page) -> None:
    begin(clerk)
    clerk.keyboard.press("g")
    clerk.keyboard.type("せいきゅう")
    clerk.keyboard.press("Escape")
    expect(clerk.locator("#jump")).to_be_hidden()
    key(clerk, "1")  # the keys lead the call again
    expect(clerk.locator(".log > li")).to_have_count(1)


def test_the_caller_is_found_in_the_middle_of_a_call(clerk: Page) -> None:
    begin(clerk)
    key(clerk, "1")
    clerk.keyboard.press("v")
    clerk.wait_for_url("**/staff/script?case=*")
    clerk.keyboard.type(NUMBER)
    expect(clerk.locator(".hit")).to_have_count(1)
    clerk.keyboard.press("Enter")
    clerk.wait_for_url("**/verify")
    clerk.get_by_role("link", name="確認せずに案内を始める").click()
    expect(clerk.locator(".log > li")).to_have_count(1)


def test_another_day_wants_a_date(clerk: Page) -> None:
    begin(clerk)
    clerk.keyboard.press("e")
    clerk.wait_for_url("**/end")
    clerk.keyboard.type("折り返します")
    clerk.get_by_role("radio", name="別の日").check()
    clerk.keyboard.press("Control+Enter")
    day = clerk.locator("input[name=other_day]")
    expect(day).to_be_focused()
    assert clerk.url.endswith("/end")
    clerk.get_by_role("radio", name="次の連絡はしない").check()
    clerk.keyboard.press("Control+Enter")
    clerk.wait_for_url("**/staff/cases/*")


def test_single_keys_can_be_switched_off(clerk: Page) -> None:
    begin(clerk)
    clerk.keyboard.press("?")
    clerk.locator("#keys-on").uncheck()
    clerk.keyboard.press("Escape")
    clerk.keyboard.press("1")
    clerk.wait_for_timeout(200)
    expect(clerk.locator(".log > li")).to_have_count(0)
    clerk.locator("#keys-open").click()
    clerk.locator("#keys-on").check()


def test_the_callers_words_are_never_markup(clerk: Page) -> None:
    begin(clerk)
    hostile = "<img src=x onerror=\"document.title='gone'\"><script>document.title='gone'</script>"
    clerk.keyboard.press("i")
    clerk.locator("#words").fill(hostile)
    key(clerk, "Enter")
    expect(clerk.locator(".log")).to_contain_text("onerror")
    expect(clerk.locator("#call img, #call script")).to_have_count(0)
    assert "gone" not in clerk.title()


@pytest.mark.parametrize(("width", "scheme"), [(768, "dark"), (1280, "light")])
def test_axe_finds_nothing(
    app: RunningApp,
    new_context: Callable[..., BrowserContext],
    width: int,
    scheme: str,
) -> None:
    size = {"width": width, "height": 800}
    page = new_context(viewport=size, color_scheme=scheme).new_page()
    app.dialogue.how = "answer"
    page.goto(f"{app.base_url}/staff/sign-in")
    page.locator("form:has(input[name=role][value=agent]) button").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.goto(f"{app.base_url}/staff/script")
    begin(page)
    accessible(page)
    key(page, "1", "2", "1")
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("g")
    accessible(page)
    page.keyboard.press("Escape")
    app.dialogue.how = "broken"
    key(page, "1")
    accessible(page)
    app.dialogue.how = "answer"
    page.keyboard.press("e")
    page.wait_for_url("**/end")
    accessible(page)
