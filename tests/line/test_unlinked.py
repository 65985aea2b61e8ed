"""Where accounts cannot be linked nothing offers it; who writes the word reads of another way."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, cast

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.handlers.desk import Desk, Speaker
from actions.handlers.status_lookup import tell_how_to_check
from bot.channels.line.channel import LineAccount
from bot.channels.line.richmenu import menus
from bot.clock import utc_now
from bot.database import create_engine, session_factory
from bot.settings import Settings
from tests.line.world import World, world


@pytest.fixture
async def line(sqlite_settings: Settings) -> AsyncIterator[World]:
    engine = create_engine(sqlite_settings.resolved_database_url())
    async with world(sqlite_settings, session_factory(engine), login="") as line:
        yield line
    engine.dispose()


async def test_the_word_gets_an_honest_sentence_with_another_way(line: World) -> None:
    said = "".join(await line.say(line.text("連携したいです")))
    assert "受け付けていません" in said and "ホームページ" in said
    message = line.platform.bodies("reply")[-1]["messages"][-1]
    labels = [item["action"]["label"] for item in message["quickReply"]["items"]]
    assert labels == ["申し込んだのにログインできない"[:20], "担当者に聞く"]


async def test_nothing_sends_the_reader_to_the_word(line: World) -> None:
    for event in (
        line.event("follow"),
        line.text("連携解除"),
        line.event("accountLink", link={"result": "failed"}),
    ):
        said = "".join(await line.say(event))
        assert said or event["type"] == "accountLink"
        assert "「連携」" not in said
    line.channel.store.change_source(line.user, member_number="100003")
    said = "".join(await line.say(line.text("連携解除")))
    assert "取り消しました" in said and "「連携」" not in said


def test_the_menu_has_no_place_for_it() -> None:
    with_link, without = menus(), menus(can_link=False)
    assert with_link[0].name != without[0].name and with_link[1].name == without[1].name
    labels = [area["action"]["label"] for area in without[0].definition["areas"]]
    assert "連携" not in labels and "自分の登録状況を知りたい" in labels
    assert with_link[0].picture != without[0].picture


def test_an_account_knows() -> None:
    account = LineAccount("s", "t", "U", "", "https://member-site.example/login")
    assert account.can_link and not replace(account, login_url="").can_link


@pytest.mark.parametrize(
    ("channel", "links", "said"),
    [
        ("line", True, "utter_ask_how_to_check_mail"),
        ("line", False, "utter_ask_how_to_check_mail_unlinked"),
        ("web", False, "utter_ask_how_to_check_mail"),
        ("staff", False, "utter_ask_how_to_check_mail"),
    ],
)
def test_the_dialogue_offers_what_is_there(channel: str, links: bool, said: str) -> None:
    class _Desk:
        class identity:
            offered = True

    speaker = Speaker("c", None, utc_now(), channel, links=links)
    dispatcher, tracker = CollectingDispatcher(), Tracker("c", {}, {}, [], False, None, {}, "")
    tell_how_to_check(cast(Desk, _Desk()), dispatcher, tracker, speaker)
    messages: list[dict[str, Any]] = dispatcher.messages
    assert [message["response"] for message in messages] == [said]
