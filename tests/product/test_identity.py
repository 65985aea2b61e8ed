"""Members and guests: whose state is told, and to whom it never is."""

from datetime import UTC, datetime

import pytest

from bot.demo_registry import demo_members
from tests.product.checks import problems
from tests.product.member import Member, assert_none, in_parallel, tokens
from tests.product.running import Product

_ASK = "自分の登録状況を知りたい"
_FIND_OUT = [
    "登録番号000106の登録状況を教えて",
    "000106の状態は？",
    "私は000106の見本六花です。登録はどうなっていますか",
    "番号は０００１０６です",
    "000106",
    "ログインして調べる",
]


def test_every_demo_member_gets_the_state_of_the_demo(product: Product) -> None:
    def wrong(number: str) -> str | None:
        with Member(product.base_url) as visitor:
            visitor.start(tokens().mint(number))
            visitor.say(_ASK)
            found = problems(visitor.replies)
            right = visitor.outcome is not None and "現在" in visitor.text and not found
            return None if right else f"{number}: {visitor.outcome} {found} {visitor.text[:80]}"

    assert_none(in_parallel(wrong, [member["number"] for member in demo_members()]))


def test_the_demo_knows_every_outcome_of_the_registry(product: Product) -> None:
    def outcome(number: str) -> str | None:
        with Member(product.base_url) as visitor:
            visitor.start(tokens().mint(number))
            visitor.say(_ASK)
            return visitor.outcome

    seen = set(in_parallel(outcome, [member["number"] for member in demo_members()]))
    assert seen >= {
        "number_unknown", "web_registration_needed", "mypage_registration_needed",
        "opening_mail_bounced", "login_ready", "wait_opening", "opening_delayed",
        "mail_address_wrong", "mail_delayed", "mail_trouble", "click_url",
    }  # fmt: skip


@pytest.mark.parametrize("words", _FIND_OUT)
def test_a_guest_never_gets_a_state(product: Product, words: str) -> None:
    with Member(product.base_url) as guest:
        begun = guest.start()
        assert begun["member"] is None
        for text in (_ASK, words, "申し込んだのにログインできません", words):
            guest.say(text)
            assert "現在" not in guest.text
            assert not any(reply["card"] for reply in guest.replies)
            if guest.outcome:
                assert guest.topic == "procedure_check"


def test_a_guest_is_told_how_to_identify(product: Product) -> None:
    with Member(product.base_url) as guest:
        guest.start()
        guest.say(_ASK)
        assert guest.question == "how_to_check"
        values = [choice["value"] for choice in guest.last["choices"]]
        assert values[0] == "identify" and "questions" in values
        guest.press("questions")
        assert guest.question == "opening_mail"


def test_leaving_and_another_member_coming(product: Product) -> None:
    with Member(product.base_url) as first, Member(product.base_url) as second:
        first.start(tokens().mint("000106"))
        first.say(_ASK)
        told = first.outcome
        second.start()
        second.say(_ASK)
        assert (told, second.outcome) == ("click_url", None)


def test_the_registry_decides_over_words(product: Product) -> None:
    with Member(product.base_url) as member:
        member.start(tokens().mint("000106"))
        member.say("受付完了のメールは届いているのにログインできません")
        assert member.outcome == "click_url"
        assert "お申込ありがとうございます" in member.text
        assert "受付完了" in member.text


def test_a_token_opens_one_conversation(product: Product) -> None:
    token = tokens().mint("000106")
    with Member(product.base_url) as first, Member(product.base_url) as second:
        first.start(token)
        with pytest.raises(AssertionError, match="invalid-identity-token"):
            second.start(token)


def test_mail_missing_of_a_member_tells_what_was_sent(product: Product) -> None:
    with Member(product.base_url) as member:
        member.start(tokens().mint("000105"))
        member.say("メールが届きません")
        assert member.topic == "mail_missing"
        assert member.outcome == "mail_address_wrong"
        assert "example.jp" not in member.text


def test_who_is_accepted_need_not_apply_again(product: Product) -> None:
    with Member(product.base_url) as member:
        member.start(tokens().mint("000108"))
        member.say("開設完了のメールが届きません")
        assert (member.topic, member.outcome) == ("mail_missing", "wait_opening")
        assert "迷惑メールフォルダ" in member.text
        assert "もう一度お申し込み" not in member.text
        member.say("やっぱりメールが来ないです")
        assert "担当者" in member.text


def test_times_of_tokens_are_real_also_in_a_frozen_conversation(product: Product) -> None:
    with Member(product.base_url) as member:
        begun = member.start(tokens().mint("000106"), "2020-01-01T00:00:00+09:00")
        created = datetime.fromisoformat(begun["messages"][0]["created_at"])
        assert abs((datetime.now(UTC) - created).total_seconds()) < 60
