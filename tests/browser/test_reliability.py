"""Nothing that a member wrote is lost or doubled, whatever the network does."""

from __future__ import annotations

import time

from playwright.sync_api import expect

from tests.browser.fake_api import FakeDesk, Fault
from tests.browser.widget_page import WidgetPage, wait_until


def test_reload_in_the_middle_of_the_check(widget: WidgetPage, desk: FakeDesk) -> None:
    widget.open()
    widget.choose("手続きが完了しているか確かめる")
    expect(widget.bot_messages).to_have_count(3)
    widget.field.fill("書きかけの文")
    before = widget.texts("bot")
    widget.page.reload()
    expect(widget.bot_messages).to_have_count(3)
    assert widget.texts("bot") == before
    expect(widget.field).to_have_value("書きかけの文")
    expect(widget.live).to_be_empty()  # history is not read out again
    widget.choose("届いていない")
    expect(widget.last_reply()).to_contain_text("受付完了のお知らせ")
    assert len(desk.conversations) == 1


def test_a_message_written_offline_is_delivered_once(widget: WidgetPage, desk: FakeDesk) -> None:
    widget.open()
    widget.page.context.set_offline(True)
    expect(widget.status).to_contain_text("インターネットにつながっていません")
    widget.write("つながらない間の質問")
    expect(widget.unsent).to_contain_text("送れませんでした")
    widget.page.context.set_offline(False)
    expect(widget.last_reply()).to_contain_text("つながらない間の質問")
    expect(widget.member_messages).to_have_count(1)
    expect(widget.member_messages).to_contain_text("送信済み")
    expect(widget.status).to_be_hidden()
    assert desk.said() == ["つながらない間の質問"]


def test_a_lost_answer_is_asked_for_with_the_same_id(widget: WidgetPage, desk: FakeDesk) -> None:
    widget.open()
    desk.faults.extend([Fault("lose_answer"), Fault("drop")])
    widget.write("答えが届かない質問")
    expect(widget.last_reply()).to_contain_text("答えが届かない質問")
    # The reply came by the stream, but the acknowledgement is still asked for.
    wait_until(widget.page, lambda: len(desk.sent_ids()) >= 3)
    assert len(desk.sent_ids()) == 3 and len(set(desk.sent_ids())) == 1
    expect(widget.member_messages).to_have_count(1)
    expect(widget.member_messages).to_contain_text("送信済み")
    expect(widget.typing).to_be_hidden()
    assert desk.said() == ["答えが届かない質問"]
    expect(widget.bot_messages).to_have_count(2)


def test_a_busy_server_is_asked_again_no_sooner_than_it_says(
    widget: WidgetPage, desk: FakeDesk
) -> None:
    widget.open()
    desk.faults.append(Fault("unavailable", retry_after=2))
    start = time.monotonic()
    widget.write("混んでいるとき")
    expect(widget.bot_messages).to_have_count(2)
    assert time.monotonic() - start >= 2
    assert desk.said() == ["混んでいるとき"]


def test_retry_by_hand(widget: WidgetPage, desk: FakeDesk) -> None:
    widget.open()
    desk.faults.extend([Fault("drop"), Fault("unavailable", retry_after=60)])
    widget.write("急いでいます")
    expect(widget.unsent).to_contain_text("送れませんでした")
    widget.button("もう一度送る").click()
    expect(widget.bot_messages).to_have_count(2)
    assert desk.said() == ["急いでいます"]


def test_reload_with_unsent_messages_keeps_them_in_order(
    widget: WidgetPage, desk: FakeDesk
) -> None:
    widget.open()
    desk.faults.extend([Fault("lose_answer"), Fault("unavailable", retry_after=60)])
    widget.write("一つめ")
    expect(widget.unsent.or_(widget.member_messages).first).to_be_visible()
    widget.write("二つめ")
    wait_until(widget.page, lambda: not desk.faults)
    expect(widget.unsent.first).to_be_visible()
    widget.page.reload()
    expect(widget.bot_messages).to_have_count(3)
    assert widget.texts("member") == ["一つめ", "二つめ"]
    assert desk.said() == ["一つめ", "二つめ"]


def test_messages_while_an_answer_is_awaited_go_in_order(
    widget: WidgetPage, desk: FakeDesk
) -> None:
    widget.open()
    desk.faults.append(Fault("hold"))
    widget.write("先の質問")
    expect(widget.typing).to_be_visible()
    expect(widget.member_messages.first).to_contain_text("送信中")
    widget.write("後の質問")
    desk.let_go.set()
    expect(widget.bot_messages).to_have_count(3)
    expect(widget.typing).to_be_hidden()
    assert desk.said() == ["先の質問", "後の質問"]


def test_a_refusal_shows_the_servers_sentence(widget: WidgetPage, desk: FakeDesk) -> None:
    widget.open()
    widget.write("断る")
    expect(widget.unsent).to_contain_text("この内容はお受けできません")
    widget.write("次の質問")
    expect(widget.bot_messages).to_have_count(2)  # a refused message holds nothing up
    widget.button("書き直す").click()
    expect(widget.field).to_have_value("断る")
    expect(widget.unsent).to_have_count(0)


def test_an_unknown_conversation_begins_anew_and_keeps_the_words(
    widget: WidgetPage, desk: FakeDesk
) -> None:
    widget.open()
    desk.conversations.clear()
    widget.write("まだ送れていない文")
    expect(widget.log).to_contain_text("前回のやりとりは終了しました")
    expect(widget.bot_messages).to_have_count(1)
    expect(widget.field).to_have_value("まだ送れていない文")
    assert len(desk.conversations) == 1 and desk.said() == []


def test_an_unknown_conversation_after_a_reload(widget: WidgetPage, desk: FakeDesk) -> None:
    widget.open()
    desk.conversations.clear()
    widget.page.reload()
    expect(widget.log).to_contain_text("前回のやりとりは終了しました")
    expect(widget.bot_messages).to_have_count(1)


def test_the_first_connection_is_tried_again(widget: WidgetPage, desk: FakeDesk) -> None:
    desk.create_faults.extend([Fault("drop"), Fault("unavailable", retry_after=60)])
    widget.goto()
    widget.launcher.click()
    expect(widget.status).to_contain_text("ただいま確認できません。")
    widget.button("もう一度つなぐ").click()
    expect(widget.bot_messages.first).to_be_visible()
    expect(widget.status).to_be_hidden()


def test_a_browser_that_forbids_storage(widget: WidgetPage, desk: FakeDesk) -> None:
    widget.page.add_init_script(
        "for (const area of ['sessionStorage', 'localStorage'])"
        " Object.defineProperty(window, area, { get() { throw new Error('no'); } });"
    )
    widget.open()
    widget.write("保存できなくても")
    expect(widget.bot_messages).to_have_count(2)
