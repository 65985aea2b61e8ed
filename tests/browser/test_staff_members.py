"""The start of a call in a real browser: by keyboard alone, accessible, safe with hostile names."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.calendar import tokyo_date
from actions.domain.tables import MemberRow
from bot.clock import utc_now
from bot.lookup.tables import searched
from bot.settings import Environment, Settings
from bot.staff.members import Role, StaffMember
from bot.staff.parts import StaffParts
from tests.app.serving import RunningApp
from tests.browser.accessible import accessible

HOSTILE = (
    "<script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    '"><svg onload=window.hacked=1>',
    "'-window.hacked=1-'",
    "{{7*7}}${window.hacked=1}",
    "</textarea><iframe srcdoc='<script>top.hacked=1</script>'>",
    "javascript:window.hacked=1",
)
CLERK = StaffMember("clerk", "受付 花", Role.agent)


@pytest.fixture(scope="module")
def app(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, browser: Browser
) -> Iterator[RunningApp]:
    """The demo's app over a fake dialogue, with members whose names are hostile."""
    var = tmp_path_factory.mktemp("members")
    shutil.copy(sqlite_template, var / "navi.db")
    running = RunningApp(Settings(env=Environment.demo, var=var))
    running.start()
    assert running.apps is not None
    _add_hostile(running.apps.public.state.sessions)
    yield running
    running.stop()


def _add_hostile(sessions: sessionmaker[Session]) -> None:
    now = utc_now()
    with sessions.begin() as session:
        for n, name in enumerate(HOSTILE):
            times = {"as_of": now, "created_at": now, "updated_at": now}
            phone = f"03-7777-000{n}"
            member = MemberRow(
                number=f"99900{n}", name=f"危険 {name}", kana=name, email="", phone=phone, **times
            )
            session.add(member)
            session.flush()
            session.add(searched(member))


@pytest.fixture
def parts(app: RunningApp) -> StaffParts:
    assert app.apps is not None
    found: StaffParts = app.apps.public.state.staff
    return found


@pytest.fixture
def console(
    app: RunningApp, new_context: Callable[..., BrowserContext]
) -> Iterator[Callable[..., Page]]:
    """Opens a page of the console as the demo's agent, on a screen of this width."""
    errors: list[str] = []

    def open_(path: str, width: int = 1280, role: str = "agent") -> Page:
        page = new_context(viewport={"width": width, "height": 900}).new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{app.base_url}/staff/sign-in")
        page.locator(f"form:has(input[value={role}]) button, button[value={role}]").first.click()
        expect(page.locator("header.bar")).to_be_visible()
        page.goto(app.base_url + path)
        return page

    yield open_
    assert not errors, errors


def fits(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{wide} px too wide"


def test_a_caller_is_found_and_verified_by_keyboard_alone(console: Callable[..., Page]) -> None:
    page = console("/staff/script")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("見本", delay=20)
    expect(page.locator(".hit")).to_have_count(4)
    expect(page.locator("#said")).to_have_text("4人見つかりました。")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".hit").nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("000106")
    expect(page.locator(".hit")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("本人確認：見本 六花")
    # The number was said already; the clerk compares the name, then types what is said.
    expect(page.get_by_role("button", name="一致", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#said-phone")).to_be_focused()
    page.keyboard.type("03-9999-9999")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("一致しません")
    expect(page.locator("#said-phone")).to_be_focused()
    page.keyboard.type("０３−００００−０１０６")
    page.keyboard.press("Enter")
    expect(page.locator(".registration-steps li")).to_have_count(5)
    expect(page.locator(".registration-steps .current")).to_contain_text("本登録")
    expect(page.locator("#go-on")).to_be_focused()


def test_enter_while_a_word_is_being_converted_chooses_nobody(
    console: Callable[..., Page],
) -> None:
    page = console("/staff/script")
    page.fill("#q", "000106")
    expect(page.locator(".hit")).to_have_count(1)
    page.locator("#q").dispatch_event(
        "keydown", {"key": "ArrowDown", "isComposing": True, "bubbles": True}
    )
    expect(page.locator("#q")).to_be_focused()


def test_a_search_that_fails_says_so_and_can_be_repeated(console: Callable[..., Page]) -> None:
    page = console("/staff/script")
    page.route("**/staff/callers", lambda route: route.abort())
    page.fill("#q", "見本")
    expect(page.locator("#results")).to_contain_text("いま検索できませんでした")
    page.unroute("**/staff/callers")
    page.keyboard.press("Enter")
    expect(page.locator(".hit")).to_have_count(4)


def test_an_answer_that_is_late_does_not_replace_a_newer_one(
    console: Callable[..., Page],
) -> None:
    page = console("/staff/script")
    held: list[Route] = []

    def hold_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/staff/callers", hold_first)
    with page.expect_request("**/staff/callers"):
        page.fill("#q", "見本")
    page.fill("#q", "000107")
    expect(page.locator(".hit")).to_have_count(1)
    held[0].abort()
    page.wait_for_timeout(200)
    expect(page.locator(".hit")).to_have_count(1)
    expect(page.locator("#results")).not_to_contain_text("検索できませんでした")


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_pages_fit_and_are_accessible(
    console: Callable[..., Page], parts: StaffParts, width: int
) -> None:
    number = {360: "000104", 768: "000107", 1280: "000920"}[width]
    case = parts.cases.begin(CLERK, number, caller="事務の山田様")
    parts.cases.change(
        case.id, agreed="開設の状況を調べて、こちらからお電話する。", outcome="opening_delayed",
        follow_up_on=tokyo_date(utc_now()) - timedelta(days=1),
    )  # fmt: skip
    page = console("/staff/script", width)
    page.fill("#q", "試山 両子")
    expect(page.locator(".together .hit")).to_have_count(2)
    for path in (
        "",
        f"/staff/cases/{case.id}/verify?wrong=phone",
        "/staff/cases",
        f"/staff/cases/{case.id}",
    ):
        if path:
            page.goto(page.url.split("/staff")[0] + path)
        fits(page)
        accessible(page)
    parts.checks.called_back(case.id, CLERK)
    page.goto(page.url.split("/staff")[0] + f"/staff/members/{number}?case={case.id}")
    expect(page.locator(".registration-steps li")).to_have_count(5)
    fits(page)
    accessible(page)


def test_hostile_names_and_words_stay_text(console: Callable[..., Page], parts: StaffParts) -> None:
    page = console("/staff/script", role="supervisor")
    base = page.url.split("/staff")[0]
    page.fill("#q", "危険")
    expect(page.locator(".hit")).to_have_count(len(HOSTILE))
    elements = "#results script, #results img, #results svg, #results iframe"
    expect(page.locator(elements)).to_have_count(0)
    for n, words in enumerate(HOSTILE):
        case = parts.cases.begin(CLERK, f"99900{n}", caller=words, phone=words[:40])
        parts.cases.change(case.id, agreed=words)
        parts.cases.note(case.id, words)
        parts.checks.called_back(case.id, CLERK)
        for path in (f"/staff/cases/{case.id}", f"/staff/cases/{case.id}/verify"):
            page.goto(base + path)
            expect(page.locator("h1")).to_contain_text(words)
            made = page.locator("main script, main img, main svg, main iframe")
            expect(made).to_have_count(0)
            assert page.evaluate("window.hacked") is None
    page.goto(f"{base}/staff/cases")
    expect(page.locator("main")).to_contain_text(HOSTILE[0])
    assert page.evaluate("window.hacked") is None
