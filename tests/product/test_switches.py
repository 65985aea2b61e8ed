"""What staff can do while it runs: the bot's switch; and registry data that are too old."""

import sqlite3
import time
from collections.abc import Iterator

import pytest

from tests.product.member import Member, tokens
from tests.product.running import Product

_ASK = "自分の登録状況を知りたい"


@pytest.fixture
def switched(product: Product) -> Iterator[Product]:
    """The product, switched on again afterwards."""
    yield product
    product.navi("bot", "on")
    time.sleep(1.2)


def test_bot_off_and_on(switched: Product) -> None:
    with Member(switched.base_url) as guest:
        guest.start(now="2026-06-10T12:00:00+09:00")
        guest.press("procedure_check")
        guest.press("no")
        switched.navi("bot", "off")
        time.sleep(2)
        guest.say("まだです")
        assert [reply["author"] for reply in guest.replies] == ["system"]
        assert "担当者" in guest.text
        kept = [message["text"] for message in guest.history()]
        assert "まだです" in kept
        switched.navi("bot", "on")
        time.sleep(2)
        # The check stands where it stood.
        guest.say("まだです")
        assert guest.question == "first_mail"


@pytest.fixture
def aged(product: Product) -> Iterator[Product]:
    """The product with a demo member's data four days older; as they were afterwards."""
    with sqlite3.connect(product.var / "navi.db", timeout=10) as database:
        [before] = database.execute("SELECT as_of FROM member WHERE number = '000107'").fetchone()
        database.execute(
            "UPDATE member SET as_of = datetime(as_of, '-4 days') WHERE number = '000107'"
        )
        database.commit()
        yield product
        database.execute("UPDATE member SET as_of = ? WHERE number = '000107'", (before,))
    database.close()


def test_stale_registry_data_give_the_question_path(aged: Product) -> None:
    with Member(aged.base_url) as member:
        member.start(tokens().mint("000107"))
        for words in (_ASK, "申し込んだのにログインできません", "メールが届きません"):
            member.say(words)
            assert member.outcome is None
            assert not any(reply["card"] for reply in member.replies)
            assert "確かめられません" in member.text
        member.say(_ASK)
        assert member.question == "how_to_check"
        member.press("questions")
        assert member.question == "opening_mail"
        member.press("no")
        member.press("yes")
        member.press("unknown")
        assert member.outcome == "wait_opening"
