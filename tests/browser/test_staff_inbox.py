"""The inbox in a real browser: live, by keyboard, nothing lost, nothing but text."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from bot.settings import Environment, Settings
from tests.app.serving import RunningApp
from tests.browser.staff_console import PERSON, Console, Member, running
from tests.browser.widget_page import WidgetPage
from tests.staff.hostile import HOSTILE

Open = Callable[..., Console]
Members = Callable[[], Member]


@pytest.fixture(scope="module")
def app(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    var = tmp_path_factory.mktemp("inbox")
    shutil.copy(sqlite_template, var / "navi.db")
    with running(Settings(env=Environment.demo, var=var)) as app:
        yield app


@pytest.fixture
def members(app: RunningApp) -> Iterator[Members]:
    """Guests who have asked for a person."""
    made: list[Member] = []

    def make() -> Member:
        made.append(Member(app))
        return made[-1]

    yield make
    for member in made:
        member.visitor.http.close()


@pytest.fixture
def console(app: RunningApp, new_context: Callable[..., BrowserContext]) -> Iterator[Open]:
    """Opens consoles, each in a browser of its own; script errors fail the test."""
    made: list[Console] = []

    def open(role: str = "担当者", **options: object) -> Console:
        made.append(Console(new_context(**options), app.base_url, role))
        return made[-1]

    yield open
    for one in made:
        assert not one.errors, one.errors


def test_a_conversation_is_taken_answered_and_given_back(members: Members, console: Open) -> None:
    desk = console().open()
    member = members()
    row = desk.part("waiting").filter(has_text="担当者")
    expect(desk.page).to_have_title("(1) 受信箱 | 手続きナビ 担当者")
    expect(desk.page.locator("#notice")).to_contain_text("お待ちの方が増えました")
    row.first.click()
    expect(desk.title).to_have_text("未確認の方")
    assert desk.page.url.endswith(member.id)
    desk.take()
    desk.answer("お待たせしました。\n佐藤です。")
    assert member.hears()[-1] == ("staff", "お待たせしました。\n佐藤です。")
    assert member.says("<b>画面</b>が出ません") == []
    expect(desk.said.last).to_contain_text("<b>画面</b>が出ません")
    expect(desk.page.locator("#live")).to_contain_text("画面")
    desk.press("自動案内に戻す")
    expect(desk.page.locator("#talk-bar")).to_contain_text("自動案内")
    assert member.says("もう一つ")[-1]["author"] == "bot"


def test_the_loser_of_a_race_is_told_who_has_it(members: Members, console: Open) -> None:
    member = members()
    one, other = console().open(member.id), console("責任者").open(member.id)
    # As if both had pressed at once: the second has not heard of the first yet.
    other.page.route("**/parts*", lambda route: route.abort())
    one.take()
    other.page.locator("#talk-bar form[data-action=take]").evaluate("f => f.requestSubmit()")
    expect(other.page.locator("#bar-problem")).to_contain_text("デモ 花子")
    expect(one.field).to_be_focused()


def test_two_tabs_of_one_person_show_the_same(members: Members, console: Open) -> None:
    member = members()
    desk = console().open(member.id)
    second = desk.context.new_page()
    second.goto(desk.page.url)
    desk.take()
    expect(second.locator("#reply")).to_be_visible()
    desk.answer("一つめの窓から")
    expect(second.locator(".said.staff")).to_contain_text("一つめの窓から")
    expect(second.locator(".said.staff")).to_have_count(1)


def test_a_failed_send_stays_in_the_box_and_arrives_once(members: Members, console: Open) -> None:
    member = members()
    desk = console().open(member.id)
    desk.take()
    desk.page.context.set_offline(True)
    desk.field.fill("届くはずの文章")
    desk.field.press("Control+Enter")
    expect(desk.page.locator("#reply-problem")).to_contain_text("文章は残してあります")
    expect(desk.field).to_have_value("届くはずの文章")
    desk.page.context.set_offline(False)
    desk.page.locator("#send").click()
    expect(desk.said.last).to_contain_text("届くはずの文章")
    expect(desk.field).to_have_value("")
    assert [text for author, text in member.hears() if author == "staff"] == ["届くはずの文章"]


def test_an_answer_whose_acknowledgement_is_lost_is_said_once(
    members: Members, console: Open
) -> None:
    member = members()
    desk = console().open(member.id)
    desk.take()

    def cut(route: object) -> None:
        route.fetch()  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    desk.page.route("**/say", cut, times=1)
    desk.field.fill("一度だけ")
    desk.field.press("Control+Enter")
    expect(desk.page.locator("#reply-problem")).to_be_visible()
    expect(desk.page.locator("#send")).to_be_enabled()
    desk.field.press("Control+Enter")
    expect(desk.field).to_have_value("")
    assert [text for author, text in member.hears() if author == "staff"] == ["一度だけ"]


def test_the_end_of_a_session_loses_no_words(
    app: RunningApp, members: Members, console: Open
) -> None:
    member = members()
    desk = console().open(member.id)
    desk.take()
    desk.field.fill("書いている途中")
    desk.page.context.clear_cookies()
    desk.field.press("Control+Enter")
    expect(desk.page.locator("#reply-problem")).to_contain_text("もう一度ログイン")
    expect(desk.field).to_have_value("書いている途中")
    assert not [text for author, text in member.hears() if author == "staff"]


def test_a_draft_outlives_another_conversation(members: Members, console: Open) -> None:
    first, second = members(), members()
    desk = console().open(first.id)
    desk.take()
    desk.field.fill("書きかけ")
    desk.part("waiting").and_(desk.page.locator(f"[data-id='{second.id}']")).click()
    expect(desk.page.locator("#talk")).to_have_attribute("data-id", second.id)
    desk.page.go_back()
    expect(desk.page.locator("#talk")).to_have_attribute("data-id", first.id)
    expect(desk.field).to_have_value("書きかけ")


def test_enter_breaks_lines_and_a_composition_never_sends(members: Members, console: Open) -> None:
    member = members()
    desk = console().open(member.id)
    desk.take()
    desk.field.press_sequentially("一行目")
    desk.field.press("Enter")
    desk.field.press_sequentially("二行目")
    expect(desk.field).to_have_value("一行目\n二行目")
    desk.field.dispatch_event("compositionstart")
    desk.field.press("Control+Enter")
    expect(desk.field).to_have_value("一行目\n二行目")
    desk.field.dispatch_event("compositionend")
    desk.page.wait_for_timeout(150)
    desk.field.press("Control+Enter")
    expect(desk.field).to_have_value("")
    assert member.hears()[-1] == ("staff", "一行目\n二行目")


def test_by_keyboard_alone(members: Members, console: Open) -> None:
    member = members()
    desk = console().open()
    expect(desk.part("waiting").first).to_be_visible()
    keys = desk.page.keyboard
    keys.press("?")
    expect(desk.page.locator("#keys-dialog")).to_be_visible()
    keys.press("Escape")
    row = desk.page.locator(f".queue-row[data-id='{member.id}']")
    for _ in range(60):
        keys.press("j")
        if row.evaluate("row => row === document.activeElement"):
            break
    expect(row).to_be_focused()
    keys.press("Enter")
    expect(desk.page.locator("#talk")).to_have_attribute("data-id", member.id)
    desk.take()
    keys.type("j r / ?")  # only letters while one writes
    expect(desk.field).to_have_value("j r / ?")
    expect(desk.page.locator("dialog[open]")).to_have_count(0)
    keys.press("Escape")
    expect(desk.title).to_be_focused()
    keys.press("r")
    expect(desk.field).to_be_focused()


def test_saved_answers_are_found_by_typing(
    app: RunningApp, members: Members, console: Open
) -> None:
    desk = console("責任者")
    desk.page.goto(f"{app.base_url}/staff/answers")
    for title, text in (("折り返し", "のちほどお電話します。"), ("確認中", "確認しております。")):
        desk.page.get_by_label("見出し").first.fill(title)
        desk.page.get_by_label("文章").first.fill(text)
        desk.page.get_by_role("button", name="加える").click()
        expect(desk.page.get_by_role("status")).to_contain_text("保存しました")
    member = members()
    desk.open(member.id).take()
    desk.field.fill("佐藤です。")
    desk.title.focus()
    desk.page.keyboard.press("/")
    expect(desk.page.locator("#saved-list li")).to_have_count(2)
    desk.page.keyboard.type("お電話")
    expect(desk.page.locator("#saved-list li")).to_have_count(1)
    desk.page.keyboard.press("Enter")
    expect(desk.field).to_have_value("佐藤です。のちほどお電話します。")


def test_notes_are_for_colleagues_only(members: Members, console: Open) -> None:
    member = members()
    desk, colleague = console().open(member.id), console("責任者").open(member.id)
    desk.page.locator("#talk-note summary").click()
    desk.page.locator("#note").fill("15時に折り返す")
    desk.page.get_by_role("button", name="メモを残す").click()
    expect(colleague.page.locator(".said.note")).to_contain_text("15時に折り返す")
    assert not any("折り返す" in text for _, text in member.hears())


def test_typing_is_shown_to_both(members: Members, console: Open) -> None:
    member = members()
    desk = console().open(member.id)
    desk.take()
    answer = member.visitor.http.post(f"{member.visitor.path}/typing")
    assert answer.status_code == 204
    expect(desk.page.locator("#member-typing")).to_be_visible()
    member.says("書きました")
    expect(desk.page.locator("#member-typing")).to_be_hidden()


def test_a_browser_that_slept_shows_what_it_missed(members: Members, console: Open) -> None:
    member = members()
    desk = console().open(member.id)
    desk.take()
    desk.page.context.set_offline(True)
    member.says("眠っている間に")
    other = members()
    desk.page.context.set_offline(False)
    expect(desk.said.last).to_contain_text("眠っている間に")
    expect(desk.page.locator(f".queue-row[data-id='{other.id}']")).to_be_visible()


def test_closing_asks_first_and_says_good_bye(members: Members, console: Open) -> None:
    member = members()
    desk = console().open(member.id)
    desk.take()
    desk.press("終了する")
    desk.page.get_by_role("button", name="やめる").click()
    expect(desk.field).to_be_visible()
    desk.press("終了する")
    desk.page.get_by_role("button", name="はい").click()
    expect(desk.page.locator("#talk-bar")).to_contain_text("終了")
    assert member.hears()[-1][0] == "system"
    expect(desk.part("closed").and_(desk.page.locator(f"[data-id='{member.id}']"))).to_be_visible()


def test_presence_is_thrown_in_the_bar(members: Members, console: Open) -> None:
    desk = console().open()
    switch = desk.page.get_by_role("switch")
    expect(switch).to_have_attribute("aria-checked", "true")
    switch.click()
    expect(switch).to_have_text("離席中")
    desk.page.reload()
    expect(switch).to_have_text("離席中")
    switch.click()
    expect(switch).to_have_text("受付中")


def test_it_works_without_scripts(members: Members, console: Open) -> None:
    member = members()
    desk = console(java_script_enabled=False).open(member.id)
    desk.press("引き受ける")
    desk.field.fill("台本なしで")
    desk.page.get_by_role("button", name="送信", exact=True).click()
    expect(desk.said.filter(has_text="台本なしで")).to_be_visible()
    assert member.hears()[-1] == ("staff", "台本なしで")


def test_nothing_that_anybody_wrote_becomes_markup(
    app: RunningApp, members: Members, console: Open
) -> None:
    member = members()
    desk = console("責任者").open(member.id)
    desk.take()
    before = desk.page.evaluate("[...document.querySelectorAll('*')].map(e => e.localName).sort()")
    names = set(before)
    for text in HOSTILE:
        member.says(text)
    desk.answer("".join(HOSTILE[:12])[:900])
    desk.page.goto(f"{app.base_url}/staff/answers")
    for text in HOSTILE[::7]:
        desk.page.get_by_label("見出し").first.fill(text[:80])
        desk.page.get_by_label("文章").first.fill(text)
        desk.page.get_by_role("button", name="加える").click()
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
        desk.page.goto(f"{app.base_url}/staff/{path}")
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
    app: RunningApp, members: Members, console: Open, scheme: str, width: int
) -> None:
    member = members()
    desk = console("責任者", color_scheme=scheme, viewport={"width": width, "height": 800})
    desk.open(member.id).take()
    desk.answer("はい")
    for path in (f"inbox/{member.id}", "inbox", "answers", "hours"):
        desk.page.goto(f"{app.base_url}/staff/{path}")
        expect(desk.page.get_by_role("switch")).to_be_visible()
        found = Axe().run(desk.page).response["violations"]
        assert not [(f["id"], [n["html"] for n in f["nodes"]]) for f in found]
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert desk.page.evaluate(wide) == 0, (path, width)


def test_the_member_on_the_website_and_the_person_at_the_desk(
    app: RunningApp, page: Page, console: Open
) -> None:
    widget = WidgetPage(page, app.base_url).open()
    widget.write(PERSON)
    expect(widget.last_reply()).to_contain_text("おつなぎします")
    desk = console().open()
    desk.part("waiting").last.click()
    desk.take()
    attendance = widget.chat.locator(".attendance")
    expect(attendance).to_contain_text("担当者のデモ 花子がお返事しています")
    desk.field.press_sequentially("お待たせ")
    expect(widget.log.locator(".staff-typing")).to_contain_text("デモ 花子が入力しています")
    desk.answer("お待たせしました。")
    expect(widget.log.locator(".msg.staff .who")).to_have_text("担当者 デモ 花子")
    expect(widget.log.locator(".staff-typing")).to_be_hidden()
    widget.field.press_sequentially("よろ")
    expect(desk.page.locator("#member-typing")).to_be_visible()
    widget.write("よろしくお願いします")
    expect(widget.member_messages.last).to_contain_text("担当者にお届けしました")
    expect(desk.said.last).to_contain_text("よろしくお願いします")
    desk.press("自動案内に戻す")
    expect(attendance).to_be_hidden()
    widget.write("次の質問です")
    expect(widget.last_reply()).to_contain_text("自動のお返事：次の質問です")
