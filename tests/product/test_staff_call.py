"""A call over the real dialogue: the staff's wording, answers in words, the registry, jumps."""

from collections.abc import Iterator

import pytest

from bot.script.words import palette
from tests.product.running import Product
from tests.script.clerk import Clerk

NOT_CLICKED = "000106"


@pytest.fixture
def clerk(product: Product) -> Iterator[Clerk]:
    """The demo's agent, with a call that has begun without a look-up."""
    with Clerk(base_url=product.base_url) as clerk:
        yield clerk.begin()


def test_the_check_is_led_in_the_staffs_words(clerk: Clerk) -> None:
    assert clerk.said(clerk.act("topic:procedure_check"))[-1] == (
        "件名に「開設完了のご連絡」と入ったメールは、届いていますでしょうか。"
    )
    # Two answers in one breath, understood as every member's words are.
    page = clerk.act("words", "受付完了は来ましたが、開設完了はまだです")
    assert "何月何日に届いていますか" in clerk.said(page)[-1]
    # Another topic, and the same question again behind it.
    said = clerk.said(clerk.act("topic:change_info"))
    assert "Web会員情報の変更" in said[0]
    assert "何月何日に届いていますか" in said[-1]
    page = clerk.press("日付が分からない")
    assert "お手続きは済んでいます" in clerk.said(page)[0]
    # What hung on the changed answer is asked anew.
    page = clerk.act("answer:acceptance_mail:no")
    assert "お申込ありがとうございます" in clerk.said(page)[-2]
    page = clerk.act("answer:acceptance_mail:yes")
    assert "何月何日に届いていますか" in clerk.said(page)[-1]


def test_a_verified_caller_hears_the_registry_which_decides(clerk: Clerk) -> None:
    clerk.begin(NOT_CLICKED).act("topic:procedure_check")
    clerk.press("届いていない")
    clerk.press("届いている")
    clerk.verify(NOT_CLICKED)
    said = clerk.said(clerk.act("status"))
    assert "現在、あと1つ、メールのURLを押すお手続きが残っています" in said[0]
    page = clerk.act("answer:acceptance_mail:yes")
    assert "よく似た件名" in clerk.said(page)[0]
    assert "記録と違います" in page
    assert len(clerk.said(page)) == 2, "the state is not read aloud a second time"


def test_an_unverified_caller_hears_no_state(clerk: Clerk) -> None:
    said = clerk.said(clerk.begin(NOT_CLICKED).act("topic:status_lookup"))
    assert "ご本人と確かめられたとき" in said[0]
    assert not [text for text in said if "現在" in text]


def test_every_topic_can_be_read_aloud(clerk: Clerk) -> None:
    for jump in palette():
        page = clerk.act(f"topic:{jump.topic}")
        assert 'id="failed"' not in page, jump.topic
        for text in clerk.said(page):
            assert "お書きください" not in text, (jump.topic, text)
            assert "下から" not in text, (jump.topic, text)
            assert len(text) <= 90, (jump.topic, text)


def test_a_person_means_ringing_back(clerk: Clerk) -> None:
    assert "折り返しご連絡いたします" in clerk.said(clerk.act("topic:handoff"))[0]
