"""The inbox in a real browser: live, by keyboard, nothing lost, nothing but text."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from tests.app.serving import RunningApp
from tests.browser.staff_console import PERSON, Members, Open
from tests.browser.widget_page import WidgetPage, wait_until


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
    expect(desk.field).to_be_hidden()
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
    staff_app: RunningApp, members: Members, console: Open
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


def test_a_session_that_was_ended_says_so(staff_app: RunningApp, console: Open) -> None:
    desk = console().open()
    expect(desk.page.get_by_role("switch")).to_be_visible()
    assert staff_app.apps is not None
    accounts = staff_app.apps.public.state.staff.access.accounts
    accounts.disable(accounts.find("demo-agent"))
    try:
        expect(desk.page.locator("#notice")).to_contain_text("もう一度ログイン")
    finally:
        accounts.enable(accounts.find("demo-agent"))


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
    staff_app: RunningApp, members: Members, console: Open
) -> None:
    desk = console("責任者")
    desk.page.goto(f"{staff_app.base_url}/staff/answers")
    for title, text in (("折り返し", "のちほどお電話します。"), ("確認中", "確認しております。")):
        desk.save_answer(title, text)
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
    shown = desk.page.locator("#member-typing")

    def types() -> bool:
        """Again, as who goes on typing: it is told to those who listen at the moment only."""
        answer = member.visitor.http.post(f"{member.visitor.path}/typing")
        assert answer.status_code == 204
        desk.page.wait_for_timeout(200)
        return shown.is_visible()

    wait_until(desk.page, types)
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
    expect(desk.said.last).to_contain_text("眠っている間に")  # a retry or two
    expect(desk.page.locator(f".queue-row[data-id='{other.id}']")).to_be_visible()


def test_a_fetch_that_failed_is_tried_again(members: Members, console: Open) -> None:
    member = members()
    desk = console().open(member.id)
    desk.take()
    failed: list[str] = []
    down = True

    def fail(route: Route) -> None:
        failed.append(route.request.url)
        if down:
            route.abort("internetdisconnected")
        else:
            route.continue_()

    desk.page.route("**/parts", fail)
    member.says("届きましたか")  # its events are sent once, and what they ask for fails
    wait_until(desk.page, lambda: failed)
    desk.page.wait_for_timeout(500)
    down = False
    expect(desk.said.filter(has_text="届きましたか")).to_be_visible()


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


def test_the_member_on_the_website_and_the_person_at_the_desk(
    staff_app: RunningApp, page: Page, console: Open
) -> None:
    widget = WidgetPage(page, staff_app.base_url).open()
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
