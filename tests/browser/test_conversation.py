"""What a visitor does: the check by buttons, a member's look-up, the menu, feedback."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.fake_api import FakeDesk
from tests.browser.widget_page import WidgetPage, wait_until


def test_nothing_is_sent_before_the_first_opening(widget: WidgetPage, desk: FakeDesk) -> None:
    widget.goto()
    expect(widget.launcher).to_be_visible()
    assert desk.requests == []
    widget.launcher.click()
    expect(widget.messages.first).to_contain_text("担当者が読むことがあります")
    assert widget.texts("system")[0].startswith("ご入力の内容は")
    expect(widget.field).to_be_focused()
    assert [path for _, path, _ in desk.requests] == ["/api/conversations"]


def test_a_guest_goes_through_the_whole_check(widget: WidgetPage, desk: FakeDesk) -> None:
    widget.open()
    widget.choose("手続きが完了しているか確かめる")
    for label in ("届いていない", "届いていない", "メールがある", "まだ押していない"):
        expect(widget.log.locator(".newest .choice")).to_have_count(5)
        widget.choose(label)
    expect(widget.last_reply()).to_contain_text("あと1つ、URLを押すお手続き")
    steps = widget.last_reply().locator(".step")
    expect(steps).to_have_count(5)
    expect(steps.nth(0)).to_contain_text("済み")
    expect(steps.nth(2)).to_contain_text("要確認")
    expect(steps.nth(3)).to_contain_text("これから")
    expect(widget.last_reply().locator("ol").first.locator("> li")).to_have_count(3)
    assert len(desk.said()) == 5


def test_older_choices_stay_and_can_be_pressed(widget: WidgetPage, desk: FakeDesk) -> None:
    widget.open()
    widget.choose("手続きが完了しているか確かめる")
    expect(widget.log.locator(".newest .choice")).to_have_count(5)
    old = widget.button("登録の方法を知りたい")
    box = old.bounding_box()
    large = widget.log.locator(".newest .choice").first.bounding_box()
    assert box and large and box["width"] < large["width"]
    assert large["height"] >= 44 and box["height"] >= 44
    widget.page.wait_for_timeout(750)  # so soon on a choice that just shrank would be a slip
    old.click()
    expect(widget.member_messages).to_have_count(2)
    expect(widget.member_messages.last).to_contain_text("送信済み")
    assert desk.said()[-1] == "登録の方法を知りたい"


def test_a_double_click_counts_once(widget: WidgetPage, desk: FakeDesk) -> None:
    widget.open()
    widget.button("手続きが完了しているか確かめる").dblclick()
    expect(widget.log.locator(".newest .choice")).to_have_count(5)
    assert len(desk.said()) == 1


def test_a_member_gets_the_look_up(widget: WidgetPage, desk: FakeDesk) -> None:
    widget.goto()
    expect(widget.page.get_by_role("link", name="会員専用マイページへ")).to_have_count(0)
    widget.page.get_by_role("button", name=re.compile("見本 一郎 様")).click()
    expect(widget.page.get_by_text("見本 一郎 様（個人・100001）でログイン中")).to_be_visible()
    expect(widget.page.get_by_role("link", name="会員専用マイページへ")).to_be_visible()
    widget.launcher.click()
    expect(widget.panel.get_by_text("登録番号 ***001（個人）でご相談中")).to_be_visible()
    widget.ask_from_menu("自分の登録状況を調べてほしい")
    expect(widget.last_reply().locator(".step")).to_have_count(5)


def test_logging_out_forgets_the_conversation(widget: WidgetPage, desk: FakeDesk) -> None:
    widget.goto()
    widget.page.get_by_role("button", name=re.compile("見本 花子 様")).click()
    widget.launcher.click()
    expect(widget.bot_messages.first).to_be_visible()
    widget.write("わたしの秘密の質問")
    expect(widget.bot_messages).to_have_count(2)
    widget.page.evaluate("document.querySelector('navi-chat').close()")
    widget.page.get_by_role("button", name="ログアウト").click()
    widget.launcher.click()
    expect(widget.bot_messages).to_have_count(1)
    expect(widget.member_messages).to_have_count(0)
    assert len(desk.conversations) == 2
    assert "花子" not in widget.panel.inner_text() and "秘密" not in widget.panel.inner_text()


def test_logging_in_and_changing_the_member_begin_anew(widget: WidgetPage, desk: FakeDesk) -> None:
    widget.open()
    for count, (words, name) in enumerate([("客の言葉", "見本 一郎"), ("一郎の言葉", "見本 花子")]):
        widget.write(words)
        expect(widget.bot_messages).to_have_count(2)
        widget.page.evaluate("document.querySelector('navi-chat').close()")
        if count:
            widget.page.get_by_role("button", name="ログアウト").click()
        widget.page.get_by_role("button", name=re.compile(f"{name} 様")).click()
        widget.launcher.click()
        expect(widget.bot_messages).to_have_count(1)
        expect(widget.member_messages).to_have_count(0)
        assert words not in widget.panel.inner_text()
        assert words not in widget.page.evaluate("JSON.stringify(sessionStorage)")
    assert len(desk.conversations) == 3


def test_a_site_that_changes_the_member_without_loading(widget: WidgetPage, desk: FakeDesk) -> None:
    widget.open()
    widget.write("前の方の質問")
    expect(widget.bot_messages).to_have_count(2)
    widget.field.fill("前の方の下書き")
    widget.chat.evaluate("node => node.setAttribute('data-member-key', 'someone-else')")
    expect(widget.bot_messages).to_have_count(0)
    expect(widget.field).to_have_value("")
    assert "前の方" not in widget.panel.inner_text()
    assert "前の方" not in widget.page.evaluate("JSON.stringify(sessionStorage)")


def test_a_refused_identity_is_told_and_can_be_left_out(widget: WidgetPage, desk: FakeDesk) -> None:
    desk.tokens_refused = True
    widget.goto()
    widget.page.get_by_role("button", name=re.compile("見本 一郎 様")).click()
    widget.launcher.click()
    expect(widget.status).to_contain_text("会員情報を確認できませんでした")
    widget.write("送れない")
    expect(widget.panel).to_contain_text("つながり次第、送信できます")
    assert desk.conversations == {}
    widget.button("会員情報を使わずに相談する").click()
    expect(widget.bot_messages.first).to_be_visible()
    assert desk.newest.member is None
    expect(widget.field).to_have_value("送れない")


def test_links_open_in_a_new_tab(widget: WidgetPage) -> None:
    widget.open()
    widget.choose("手続きが完了しているか確かめる")
    widget.choose("「開設完了」が届いた")
    link = widget.last_reply().get_by_role("link", name=re.compile("Web会員ログイン.*新しいタブ"))
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    with widget.page.context.expect_page() as opened:
        link.click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("web_login")


def test_beginning_anew_asks_first(widget: WidgetPage, desk: FakeDesk) -> None:
    widget.open()
    widget.write("ひとつめ")
    expect(widget.bot_messages).to_have_count(2)
    widget.button("最初から").click()
    expect(widget.button("このまま続ける")).to_be_focused()
    widget.button("このまま続ける").click()
    expect(widget.bot_messages).to_have_count(2)
    widget.button("最初から").click()
    widget.button("最初からやり直す").click()
    expect(widget.bot_messages).to_have_count(1)
    expect(widget.member_messages).to_have_count(0)
    assert len(desk.conversations) == 2


def test_feedback_is_given_once_with_a_word(widget: WidgetPage, desk: FakeDesk) -> None:
    widget.open()
    widget.write("質問です")
    widget.button("役に立たなかった").click()
    widget.panel.get_by_label("よろしければ、足りなかった点").fill("番号の場所が分からない")
    widget.button("この内容で送る").click()
    expect(widget.panel).to_contain_text("ご回答ありがとうございます")
    expect.soft(widget.button("役に立った")).to_have_count(0)
    wait_until(widget.page, lambda: desk.feedback)
    widget.page.wait_for_timeout(200)
    assert desk.feedback == [{"helpful": False, "comment": "番号の場所が分からない"}]
    widget.page.reload()
    expect(widget.bot_messages).to_have_count(2)
    expect(widget.button("役に立った")).to_have_count(0)


def test_a_no_without_a_word_counts_when_the_talk_goes_on(
    widget: WidgetPage, desk: FakeDesk
) -> None:
    widget.open()
    widget.write("質問です")
    widget.button("役に立たなかった").click()
    widget.write("次の質問です")
    expect(widget.bot_messages).to_have_count(3)
    widget.button("役に立った").click()
    expect(widget.panel.get_by_text("ご回答ありがとうございます")).to_have_count(2)
    wait_until(widget.page, lambda: len(desk.feedback) >= 2)
    widget.page.wait_for_timeout(200)
    assert desk.feedback == [{"helpful": False}, {"helpful": True}]


def test_staff_words_arrive_by_themselves(widget: WidgetPage, desk: FakeDesk) -> None:
    widget.open()
    desk.staff_says("担当者です。お調べします。")
    expect(widget.log.locator(".msg.staff")).to_contain_text("担当者です。お調べします。")
    expect(widget.log.locator(".msg.staff .who")).to_have_text("担当者")
    expect(widget.live).to_contain_text("担当者：担当者です。お調べします。")
    widget.button("閉じる").click()
    desk.staff_says("もう一言です。")
    expect(widget.launcher).to_have_attribute("aria-label", re.compile("新しいメッセージが1件"))


def test_staff_words_arrive_by_polling_where_events_do_not(
    widget: WidgetPage, desk: FakeDesk
) -> None:
    desk.events_work = False
    widget.open()
    desk.staff_says("ポーリングでも届きます。")
    expect(widget.log.locator(".msg.staff")).to_have_count(1)


def test_texts_from_anywhere_are_only_text(widget: WidgetPage) -> None:
    widget.open()
    widget.write("<img src=x onerror=window.hacked=1>")
    expect(widget.member_messages.last).to_contain_text("<img src=x")
    expect(widget.last_reply()).to_contain_text("<img src=x")
    widget.write("hostile")
    expect(widget.last_reply()).to_contain_text("<script>window.hacked=1</script>")
    expect(widget.last_reply().get_by_role("link")).to_have_count(1)  # javascript: left out
    assert widget.page.evaluate("window.hacked") is None
    assert widget.chat.locator("img, script").count() == 0


def test_too_long_a_text_is_kept_and_told(widget: WidgetPage, desk: FakeDesk) -> None:
    widget.open()
    widget.field.fill("あ" * 950)
    expect(widget.panel.get_by_text("あと50文字まで入力できます")).to_be_visible()
    widget.write("あ" * 1003)
    expect(widget.panel.get_by_text("3文字ほど短くしてください")).to_be_visible()
    assert desk.said() == []
    widget.write("あ" * 1000)
    expect(widget.bot_messages).to_have_count(2)


def test_the_clock_of_a_demo_is_passed_on(page: Page, base_url: str, desk: FakeDesk) -> None:
    widget = WidgetPage(page, base_url).goto("/opened")
    expect(widget.bot_messages.first).to_be_visible()
    assert desk.requests[0][2] == {"demo_now": "2027-01-05T10:00:00+09:00"}


def test_a_site_of_another_origin_embeds_it(page: Page, base_url: str, desk: FakeDesk) -> None:
    other = base_url.replace("127.0.0.1", "localhost")
    widget = WidgetPage(page, other).open("/elsewhere")
    widget.write("別のサイトから")
    expect(widget.bot_messages).to_have_count(2)
    desk.staff_says("担当者です。")
    expect(widget.log.locator(".msg.staff")).to_have_count(1)
    page.reload()
    expect(widget.messages).to_have_count(5)


def test_nothing_is_fetched_from_elsewhere(widget: WidgetPage) -> None:
    urls: list[str] = []
    widget.page.on("request", lambda request: urls.append(request.url))
    widget.open()
    widget.write("こんにちは")
    expect(widget.bot_messages).to_have_count(2)
    assert urls and all(url.startswith(widget.base_url) for url in urls)
