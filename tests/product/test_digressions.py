"""Another topic in the middle of the check is answered, and the check goes on (ADR 0013)."""

import pytest

from tests.product.member import Member, assert_none, in_parallel
from tests.product.running import Product
from tests.product.walking import QUESTIONS, at_question

DIGRESSIONS = {
    "会員登録番号ってどこに書いてありますか": "registration_number",
    "請求はいつから見られますか": "billing_start",
    "マイページのパスワードを忘れてしまいました": "credentials_forgotten",
    "Web会員登録とマイページ登録は別のものですか": "two_registrations",
    "3通のメールの違いを教えて": "mail_meaning",
    "「会員専用マイページへ」のボタンが見つかりません": "link_missing",
    "ありがとう": "thanks",
    "明日の天気は？": "out_of_scope",
    "登録情報を変更したい": "change_info",
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_digression_is_answered_and_the_same_is_asked_again(
    product: Product, question: str
) -> None:
    def wrong(case: tuple[str, str]) -> str | None:
        words, topic = case
        with Member(product.base_url) as guest:
            at_question(guest, question)
            choices = [choice["value"] for choice in guest.last["choices"]]
            guest.say(words)
            again = [choice["value"] for choice in guest.last["choices"]]
            right = (guest.topic, guest.question, again) == (topic, question, choices)
            return None if right else f"{words} -> {guest.topic} {guest.question} {again}"

    assert_none(in_parallel(wrong, DIGRESSIONS.items()))


def asked_which_login(guest: Member, question: str) -> list[str]:
    """In mid-check somebody forgot a password; gives the check's own choices."""
    at_question(guest, question)
    choices = [choice["value"] for choice in guest.last["choices"]]
    guest.say("パスワードを忘れてしまいました")
    assert (guest.topic, guest.question) == ("credentials_forgotten", "which_login")
    offered = [choice["value"] for choice in guest.last["choices"]]
    assert offered == ["web", "mypage", "unsure", "continue", "handoff"], "one question at a time"
    return choices


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("answer", ["web", "continue", "マイページの方です", "明日の天気は？"])
def test_a_digressions_own_question_comes_first_and_then_the_check_goes_on(
    product: Product, question: str, answer: str
) -> None:
    with Member(product.base_url) as guest:
        choices = asked_which_login(guest, question)
        guest.press(answer) if answer.isascii() else guest.say(answer)
        if answer != "continue":
            topic = "out_of_scope" if "天気" in answer else "credentials_forgotten"
            assert guest.topic == topic, "first what was asked"
        assert guest.question == question, guest.replies
        assert [choice["value"] for choice in guest.last["choices"]] == choices


def test_directions_while_a_digressions_question_is_open(product: Product) -> None:
    with Member(product.base_url) as guest:
        asked_which_login(guest, "first_mail")
        guest.say("1つ前に戻る")
        assert guest.question == "first_mail", "the question before that one"
    with Member(product.base_url) as guest:
        asked_which_login(guest, "first_mail")
        guest.say("もうやめます")
        assert "確認をここまでにします" in guest.text and guest.question is None
    with Member(product.base_url) as guest:
        asked_which_login(guest, "acceptance_mail")
        guest.say("受付完了は届きました")
        assert guest.question == "accepted_on", "an answer to the check is one"
    with Member(product.base_url) as guest:
        asked_which_login(guest, "first_mail")
        guest.say("担当者に聞きたい")
        assert guest.topic == "handoff" and guest.question not in QUESTIONS


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_mark_gets_the_question_explained(product: Product, question: str) -> None:
    with Member(product.base_url) as guest:
        at_question(guest, question)
        asked = guest.last["text"]
        guest.say("？")
        assert guest.question == question and guest.last["text"] == asked
        assert "で大丈夫です" in guest.text and "読み取れません" not in guest.text
        assert guest.outcome is None
