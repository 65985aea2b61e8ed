"""What a member sees while a person answers, instead of the bot."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.fake_api import FakeDesk
from tests.browser.fake_script import Line
from tests.browser.widget_page import WidgetPage, wait_until


def test_a_person_is_named_and_looks_different_from_the_bot(
    widget: WidgetPage, desk: FakeDesk
) -> None:
    widget.open()
    attendance = widget.chat.locator(".attendance")
    expect(attendance).to_be_hidden()
    desk.staff_takes("佐藤")
    expect(attendance).to_contain_text("担当者の佐藤がお返事しています")
    expect(attendance).to_contain_text("ファイルや画像はお送りいただけません")
    desk.staff_says("お待たせしました。", staff_name="佐藤")
    person = widget.log.locator(".msg.staff")
    expect(person.locator(".who")).to_have_text("担当者 佐藤")
    expect(widget.live).to_contain_text("お待たせしました。")
    borders = [
        box.evaluate("box => getComputedStyle(box).borderTopColor")
        for box in (person.locator(".bubble"), widget.bot_messages.first.locator(".bubble"))
    ]
    assert borders[0] != borders[1]


def test_what_a_person_reads_is_delivered_and_not_awaited(
    widget: WidgetPage, desk: FakeDesk
) -> None:
    widget.open()
    widget.write("自動のうちの質問")
    expect(widget.last_reply()).to_contain_text("自動のうちの質問")
    desk.staff_takes("佐藤")
    expect(widget.chat.locator(".attendance")).to_be_visible()
    widget.write("人への質問")
    expect(widget.member_messages.last).to_contain_text("担当者にお届けしました")
    expect(widget.member_messages.first).to_contain_text("送信済み")
    expect(widget.typing.first).to_be_hidden()
    expect(widget.unsent).to_have_count(0)
    widget.page.reload()  # the same from the journal alone
    expect(widget.member_messages.last).to_contain_text("担当者にお届けしました")
    expect(widget.chat.locator(".attendance")).to_be_visible()
    desk.staff_leaves()
    expect(widget.chat.locator(".attendance")).to_be_hidden()
    widget.write("また自動への質問")
    expect(widget.last_reply()).to_contain_text("また自動への質問")
    expect(widget.member_messages.last).to_contain_text("送信済み")


def test_both_sides_see_that_the_other_writes(widget: WidgetPage, desk: FakeDesk) -> None:
    widget.open()
    widget.field.press_sequentially("自動には知らせない")
    assert desk.newest.typed == 0
    desk.staff_takes("佐藤")
    writing = widget.log.locator(".staff-typing")
    expect(widget.chat.locator(".attendance")).to_be_visible()
    desk.staff_types("佐藤")
    expect(writing).to_contain_text("担当者の佐藤が入力しています")
    desk.staff_says("こちらです。", staff_name="佐藤")
    expect(writing).to_be_hidden()
    widget.field.press_sequentially("はい、見つかりました")
    wait_until(widget.page, lambda: desk.newest.typed)
    assert desk.newest.typed == 1  # once in a while, not at each key


def test_who_was_promised_a_person_reads_so_until_it_is_over(
    widget: WidgetPage, desk: FakeDesk
) -> None:
    widget.open()
    attendance = widget.chat.locator(".attendance")
    desk.newest.add(Line("担当者におつなぎします。", question="handoff_message"))
    expect(attendance).to_contain_text("担当者にお伝えしています")
    widget.write("電話は午後にください")
    expect(widget.last_reply()).to_contain_text("電話は午後にください")
    expect(attendance).to_be_visible()  # the bot helps meanwhile
    desk.staff_leaves()
    expect(attendance).to_be_hidden()


def test_a_name_is_only_ever_text(widget: WidgetPage, desk: FakeDesk) -> None:
    widget.open()
    desk.staff_takes("<img src=x onerror='window.hacked=1'>")
    expect(widget.chat.locator(".attendance")).to_contain_text("<img src=x")
    desk.staff_types("<b>太い</b>")
    expect(widget.log.locator(".staff-typing")).to_contain_text("<b>太い</b>")
    desk.staff_says("<script>window.hacked=1</script>", staff_name="<b>太い</b>")
    expect(widget.log.locator(".msg.staff .who")).to_have_text("担当者 <b>太い</b>")
    assert widget.page.evaluate("window.hacked") is None
    assert widget.log.locator("img, b, script").count() == 0
