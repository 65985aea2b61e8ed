"""The procedure check as members walk it: free words, digressions, corrections, detours."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.product.answers import FREE_ANSWERS, NEXT
from tests.product.member import Member, assert_none, in_parallel
from tests.product.running import Product
from tests.product.walking import QUESTIONS, TODAY, at_question


def _reached(member: Member) -> str | None:
    return member.question or member.outcome


def test_free_words(product: Product) -> None:
    def wrong(case: tuple[str, str, str]) -> str | None:
        question, words, meaning = case
        with Member(product.base_url) as guest:
            at_question(guest, question)
            guest.say(words)
            if question.endswith("_on"):
                said = guest.facts.get(question)
                right = guest.outcome is not None and (said or "unknown") == meaning
            else:
                right = _reached(guest) == NEXT[question, meaning]
            return None if right else f"{question}: {words} -> {_reached(guest)} {guest.text[:60]}"

    cases = [(q, words, m) for q, said in FREE_ANSWERS.items() for words, m in said.items()]
    assert_none(in_parallel(wrong, cases))


def test_a_mail_that_came_on_a_day_answers_two_questions(product: Product) -> None:
    with Member(product.base_url) as guest:
        at_question(guest, "acceptance_mail")
        guest.say("はい、6月8日に届きました")
        assert guest.outcome == "wait_opening"
        assert guest.facts["accepted_on"] == "2026-06-08"
        assert guest.facts["earliest_date"] == "2026-06-10"


def test_what_was_said_is_not_asked_again(product: Product) -> None:
    with Member(product.base_url) as guest:
        guest.start(now=TODAY)
        guest.say("受付完了のお知らせは届いたのに、まだログインできません")
        assert guest.topic in ("procedure_check", "login_failed")
        assert guest.question == "opening_mail"
        guest.press("no")
        assert guest.question == "accepted_on"


@pytest.mark.parametrize(
    ("words", "accepted_on"),
    [
        ("受付完了のお知らせは6月1日に届いたのに、まだログインできません", "2026-06-01"),
        ("6月1日に申し込みをして受付完了は来ましたが、まだログインできません", None),
    ],
)
def test_the_day_of_a_mail_that_was_told_at_once_is_not_asked(
    product: Product, words: str, accepted_on: str | None
) -> None:
    with Member(product.base_url) as guest:
        guest.start(now=TODAY)
        guest.say(words)
        guest.press("no")
        if accepted_on is None:
            assert guest.question == "accepted_on"
        else:
            assert guest.outcome == "opening_delayed"
            assert guest.facts["accepted_on"] == accepted_on
            # The demo has a console: its staff read of it, so nobody is told to call.
            assert "お急ぎのときは" in guest.text and "担当者にもお伝えしました" in guest.text


@pytest.mark.parametrize("words", ["エラーになった", "エラーになる"])
def test_an_error_after_the_advice_to_press_is_the_urls(product: Product, words: str) -> None:
    with Member(product.base_url) as guest:
        at_question(guest, "url_clicked")
        guest.press("no")
        assert guest.outcome == "click_url"
        guest.say(words)
        assert guest.topic == "procedure_check" and guest.question is None
        assert "最初から申し込み直して" in guest.text
        guest.say("やり直したけどまたエラー")
        assert "担当者が確認します" in guest.text


def test_before_the_first_question_there_is_none(product: Product) -> None:
    with Member(product.base_url) as guest:
        at_question(guest, "opening_mail")
        guest.press("back")
        assert "これが最初の質問です。" in guest.text
        assert guest.question == "opening_mail"


def test_yes_to_nothing_offers_what_most_come_for(guest: Member) -> None:
    guest.say("はい")
    assert guest.topic == "clarify"
    offered = [choice["value"] for choice in guest.last["choices"]]
    assert offered == ["procedure_check", "register_web", "mail_missing", "handoff"]


def test_a_url_that_was_not_pressed_is_no_error(product: Product) -> None:
    with Member(product.base_url) as guest:
        guest.start(now=TODAY)
        guest.say("最初のメールのURLを押していません")
        assert guest.question == "opening_mail"
        guest.press("no")
        guest.press("no")
        if guest.question == "first_mail":
            guest.press("yes")
        assert guest.outcome == "click_url"


@pytest.mark.parametrize("question", QUESTIONS[1:])
@pytest.mark.parametrize("words", ["一つ戻って", "1つ前に戻る", "前の質問に戻りたい", None])
def test_one_step_back(product: Product, question: str, words: str | None) -> None:
    with Member(product.base_url) as guest:
        at_question(guest, question)
        before = {"accepted_on": "acceptance_mail", "first_mail": "acceptance_mail"}
        guest.say(words) if words else guest.press("back")
        assert guest.question == before.get(question, QUESTIONS[QUESTIONS.index(question) - 1])


def test_back_at_the_first_question_asks_it_again(product: Product) -> None:
    with Member(product.base_url) as guest:
        at_question(guest, "opening_mail")
        for _ in range(3):
            guest.press("back")
            assert guest.question == "opening_mail"
        guest.press("yes")
        assert guest.outcome == "login_ready"


@contextmanager
def told(product: Product, question: str, outcome: str) -> Iterator[Member]:
    """A guest who said no to the question and was told the outcome."""
    with Member(product.base_url) as guest:
        at_question(guest, question)
        guest.press("no")
        assert guest.outcome == outcome
        yield guest


def test_back_after_the_outcome(product: Product) -> None:
    with told(product, "first_mail", "mail_missing") as guest:
        guest.say("一つ戻って")
        assert guest.question == "first_mail"
        guest.press("yes")
        assert guest.question == "url_clicked"


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("words", ["最初から", "最初からやり直したい"])
def test_from_the_start(product: Product, question: str, words: str) -> None:
    with Member(product.base_url) as guest:
        at_question(guest, question)
        guest.say(words)
        assert guest.question == "opening_mail"
        guest.press("no")
        assert guest.question == "acceptance_mail"


def test_from_the_start_after_the_outcome(product: Product) -> None:
    with told(product, "url_clicked", "click_url") as guest:
        guest.say("最初から")
        assert guest.question == "opening_mail"


def test_it_had_come_after_all_in_mid_check(product: Product) -> None:
    with Member(product.base_url) as guest:
        at_question(guest, "first_mail")
        guest.say("やっぱり受付完了が届いていました")
        assert guest.question == "accepted_on"
        guest.say("やっぱり開設完了のメール来てました")
        assert guest.outcome == "login_ready"


@pytest.mark.parametrize(
    ("question", "then"),
    [
        ("acceptance_mail", {"login_ready", "accepted_on"}),
        ("first_mail", {"accepted_on", "url_clicked"}),
        ("url_clicked", {"accepted_on", "url_clicked"}),
    ],
)
def test_it_had_come_after_all_without_a_name(
    product: Product, question: str, then: set[str]
) -> None:
    """Which mail is meant is open: the one asked last, or the one denied before."""
    with Member(product.base_url) as guest:
        at_question(guest, question)
        guest.say("やっぱり届いていました")
        assert _reached(guest) in then, guest.replies


@pytest.mark.parametrize(
    ("way", "outcome", "then"),
    [
        (("no", "no", "no"), "mail_missing", "url_clicked"),
        (("no", "yes", "unknown"), "wait_opening", "login_ready"),
    ],
)
def test_it_had_come_after_all_after_the_outcome(
    product: Product, way: tuple[str, ...], outcome: str, then: str
) -> None:
    with Member(product.base_url) as guest:
        at_question(guest, "opening_mail")
        for value in way:
            guest.press(value)
        assert guest.outcome == outcome
        guest.say("やっぱり届いていました")
        assert _reached(guest) == then


def test_the_subject_was_another_one(product: Product) -> None:
    with Member(product.base_url) as guest:
        at_question(guest, "accepted_on")
        guest.press("unknown")
        assert guest.outcome == "wait_opening"
        label = next(c["id"] for c in guest.last["choices"] if "件名" in c["label"])
        guest.press_id(label)
        assert guest.question == "first_mail"


@pytest.mark.parametrize("question", QUESTIONS[:2] + QUESTIONS[3:5])
def test_two_misunderstandings_offer_buttons_and_a_person(product: Product, question: str) -> None:
    with Member(product.base_url) as guest:
        at_question(guest, question)
        for nonsense in ("ふじこふじこ", "ほげほげぴよ"):
            guest.say(nonsense)
            assert guest.question == question, guest.replies
            values = [choice["value"] for choice in guest.last["choices"]]
            assert {"yes", "no", "unsure", "back", "handoff"} <= set(values)
        assert "担当者" in guest.text
        assert any(link for reply in guest.replies for link in reply["links"])


def test_a_vague_date_is_asked_back_once(product: Product) -> None:
    with Member(product.base_url) as guest:
        at_question(guest, "applied_on")
        guest.say("先月")
        assert guest.question == "applied_on"
        guest.say("先月のいつか")
        assert guest.outcome == "redo"
        assert guest.facts["applied_on"] is None


def test_a_person_in_mid_check(product: Product) -> None:
    with Member(product.base_url) as guest:
        at_question(guest, "first_mail")
        guest.press("handoff")
        assert guest.topic == "handoff"
        assert guest.facts["handover"] is True


def test_the_check_says_why_before_it_asks(product: Product) -> None:
    with Member(product.base_url) as guest:
        guest.start(now=TODAY)
        guest.say("申し込んだのにログインできません")
        assert "5営業日" in guest.text
        assert guest.question == "opening_mail"
        values = [choice["value"] for choice in guest.last["choices"]]
        assert values == ["yes", "no", "unsure", "back", "handoff"]


def test_the_exact_subjects_are_shown(product: Product) -> None:
    subjects = {
        "opening_mail": "開設完了のご連絡",
        "acceptance_mail": "利用登録 受付完了のお知らせ",
        "first_mail": "利用登録のお申込ありがとうございます",
    }
    with Member(product.base_url) as guest:
        at_question(guest, "opening_mail")
        for question, subject in subjects.items():
            assert guest.question == question
            full = f"「医歯協マイページ {subject}【東京医師歯科医師協同組合】」"
            assert full in guest.last["text"]
            guest.press("no")
