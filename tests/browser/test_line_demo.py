"""The demo's phone: what the office sees of LINE before it has an account."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from bot.settings import Environment, Settings
from tests.app.fakes import Body, button, reply
from tests.app.serving import RunningApp
from tests.browser.accessible import accessible
from tests.browser.widget_page import wait_until

_PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}


def _answer(body: Body) -> list[Body]:
    """An advice for what is written; a question for what is pressed."""
    if "intent" in body:
        buttons = [button("届いた", '/answer{"question":"opening_mail","value":"yes"}')]
        asked = {"question": "opening_mail"}
        return [reply("開設完了のメールは届きましたか。", buttons=buttons, custom=asked)]
    return [{**reply(f"「{body['text']}」ですね。"), "outcome": "wait_opening"}]


@pytest.fixture(scope="module")
def app(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The app with its own LINE, over a fake dialogue."""
    var = tmp_path_factory.mktemp("phone")
    shutil.copy(sqlite_template, var / "navi.db")
    running = RunningApp(Settings(env=Environment.demo, var=var, line_settle=0.05), phone=True)
    running.dialogue.answer = _answer
    running.start()
    yield running
    running.stop()


@pytest.fixture
def phone(app: RunningApp, new_context: Callable[..., BrowserContext]) -> Iterator[Page]:
    """The page after the welcome."""
    page = new_context(**_PHONE).new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(app.base_url + "/demo/line")
    expect(_talk(page)).to_contain_text("友だち追加ありがとうございます")
    yield page
    assert errors == []


def _talk(page: Page) -> Locator:
    return page.get_by_role("log", name="トーク")


def _write(page: Page, text: str) -> None:
    page.get_by_label("メッセージ", exact=True).fill(text)
    page.get_by_role("button", name="送信", exact=True).click()


def _quick(page: Page, label: str) -> None:
    page.get_by_role("group", name="選択肢").get_by_role("button", name=label).click()


def test_write_press_and_rate(phone: Page, app: RunningApp) -> None:
    _quick(phone, "申し込んだのにログインできない")
    expect(_talk(phone)).to_contain_text("開設完了のメールは届きましたか。")
    _write(phone, "1")
    asked = _talk(phone).get_by_text("開設完了のメールは届きましたか。")
    expect(asked).to_have_count(2)
    _write(phone, "まだ入れません")
    expect(_talk(phone)).to_contain_text("このご案内は役に立ちましたか")
    _quick(phone, "役に立った")
    expect(_talk(phone)).to_contain_text("ご回答ありがとうございます")
    assert [turn["text"] for turn in app.dialogue.turns][-1] == "まだ入れません"


def test_menu_sticker_and_taking_back(phone: Page, app: RunningApp) -> None:
    phone.get_by_role("button", name="メニュー", exact=True).click()
    menu = phone.get_by_role("group", name="メニュー")
    expect(menu.get_by_role("button")).to_have_count(6)
    menu.get_by_role("button", name="メールが届かない").click()
    expect(_talk(phone)).to_contain_text("開設完了のメールは届きましたか。")
    assert app.dialogue.turns[-1]["intent"] == "mail_missing"
    phone.get_by_role("button", name="スタンプを送る").click()
    expect(_talk(phone)).to_contain_text("スタンプをありがとうございます")
    _write(phone, "取り消す言葉")
    expect(_talk(phone)).to_contain_text("「取り消す言葉」ですね。")
    turn = app.dialogue.turns[-1]["turn"]
    phone.get_by_role("button", name="直前の送信を取り消す").click()
    expect(_talk(phone)).to_contain_text("送信を取り消しました")
    wait_until(phone, lambda: app.dialogue.forgotten)
    assert [forgotten["turn"] for forgotten in app.dialogue.forgotten] == [turn]


def test_link_and_unlink(phone: Page) -> None:
    _write(phone, "連携")
    phone.get_by_role("link", name="Web会員ログインへ進む").click()
    expect(phone.get_by_role("heading", name=re.compile("Web会員ログイン"))).to_be_visible()
    phone.get_by_role("button", name=re.compile("として連携する")).first.click()
    expect(_talk(phone)).to_contain_text("連携が終わりました")
    _write(phone, "連携解除")
    expect(_talk(phone)).to_contain_text("連携を取り消しました")


def test_a_reload_shows_the_talk_again_and_another_person_an_empty_one(phone: Page) -> None:
    _write(phone, "覚えていますか")
    expect(_talk(phone)).to_contain_text("「覚えていますか」ですね。")
    phone.reload()
    expect(_talk(phone)).to_contain_text("「覚えていますか」ですね。")
    phone.get_by_role("button", name="別の人として始める").click()
    expect(_talk(phone)).not_to_contain_text("覚えていますか")
    expect(_talk(phone)).to_contain_text("友だち追加ありがとうございます")


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_fits_and_is_accessible(
    app: RunningApp, new_context: Callable[..., BrowserContext], width: int
) -> None:
    page = new_context(viewport={"width": width, "height": 800}).new_page()
    page.goto(app.base_url + "/demo/line")
    expect(_talk(page)).to_contain_text("友だち追加ありがとうございます")
    page.get_by_role("button", name="メニュー", exact=True).click()
    accessible(page)
    sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(sideways) == 0
