"""Two clerks with one call: the second one is told, and nothing that either wrote is lost."""

import html
import re
import threading
import time
from collections.abc import Iterator
from datetime import date

import httpx
import pytest

from bot.cases.records import CaseState
from bot.script.words import words
from bot.wording import staff_members
from tests.script.clerk import Clerk

OVERTAKEN = staff_members("cases")["overtaken"]
_FIELD = re.compile(r'<input type="hidden" name="(seen|joins)" value="([^"]*)">')
_STEP = re.compile(r'<form method="post" action="[^"]*/steps".*?name="seen" value="(\d+)"', re.S)


@pytest.fixture
def pair(clerk: Clerk) -> Iterator[tuple[Clerk, Clerk]]:
    """A call that is open on the screens of two clerks."""
    clerk.begin().act("topic:procedure_check")
    with Clerk(clerk.app) as colleague:
        colleague.case_id = clerk.case_id
        yield clerk, colleague


def form(clerk: Clerk, path: str = "/staff/script/{}/end") -> dict[str, str]:
    """The hidden fields of the form as this clerk's screen has it now."""
    answer = clerk.http.get(path.format(clerk.case_id))
    assert answer.status_code == 200
    return dict(_FIELD.findall(answer.text))


def fields(answer: httpx.Response) -> dict[str, str]:
    return dict(_FIELD.findall(answer.text))


def seen(page: str) -> str:
    found = _STEP.search(page)
    assert found
    return found[1]


def text(answer: httpx.Response) -> str:
    return html.unescape(answer.text)


def test_the_second_who_closes_is_told_and_her_text_is_added(pair: tuple[Clerk, Clerk]) -> None:
    first, second = pair
    opened = form(second)
    assert first.post("end", agreed="先の文", **form(first)).status_code == 303
    answer = second.post("end", agreed="後の文", follow_up_on="2027-06-30", **opened)
    assert answer.status_code == 409
    assert "ほかの担当者が先に終えています" in text(answer)
    assert "先の文" in text(answer), "what the other one wrote"
    assert "後の文</textarea>" in text(answer), "her own text is still there"
    assert first.case.agreed == "先の文"
    again = {"agreed": "後の文", "follow_up_on": "other", "other_day": "2027-06-30"}
    for _ in range(2):  # pressed twice: written once
        answer = second.post("end", **again, **{"joins": "on", **fields(answer)})
    assert (first.case.state, first.case.agreed) == (CaseState.closed, "先の文\n\n後の文")
    assert str(first.case.follow_up_on) == "2027-06-30"


def test_a_form_sent_twice_is_no_second_clerk(pair: tuple[Clerk, Clerk]) -> None:
    first, _ = pair
    opened = form(first)
    for _ in range(2):
        assert first.post("end", agreed="一行目\r\n二行目", **opened).status_code == 303


def test_a_call_closed_in_the_list_does_not_swallow_the_text(pair: tuple[Clerk, Clerk]) -> None:
    first, second = pair
    opened = form(second)
    first.parts.cases.change(first.case_id, follow_up_on=date(2027, 6, 30))
    first.http.post(f"/staff/cases/{first.case_id}/close")
    answer = second.post("end", agreed="お約束の文", **opened)
    assert answer.status_code == 409
    assert OVERTAKEN["no_text"] in text(answer)
    assert 'value="2027-06-30"' in answer.text, "the other one's promise stays chosen"
    joined = second.post("end", agreed="お約束の文", **fields(answer))
    assert joined.headers["location"] == f"/staff/cases/{first.case_id}"
    assert first.case.agreed == "お約束の文"


@pytest.mark.parametrize("how", ["closed", "kept"])
def test_what_another_wrote_meanwhile_is_not_sent_over(pair: tuple[Clerk, Clerk], how: str) -> None:
    first, second = pair
    opened = form(second)
    if how == "closed":
        first.post("end", agreed="先の文", **form(first))
    else:
        first.post("send", how="mail", agreed="先の文", **form(first))  # kept, though not sent
    answer = second.post("send", how="mail", agreed="後の文", **opened)
    assert answer.status_code == 409
    assert "先の文" in text(answer) and "後の文</textarea>" in text(answer)
    assert first.case.agreed == "先の文"
    wrong_day = {"follow_up_on": "other", "other_day": ""}
    answer = second.post("end", agreed="後の文", **wrong_day, **opened)
    assert answer.status_code == 409
    assert first.case.agreed == "先の文"


def test_two_who_put_a_case_right(pair: tuple[Clerk, Clerk]) -> None:
    first, second = pair
    path = f"/staff/cases/{first.case_id}"
    opened = form(second, path)
    promised = {"agreed": "先の文", "follow_up_on": "2027-06-30"}
    first.http.post(path, data={"caller": "山田", **promised, **form(first, path)})
    answer = second.http.post(
        path, data={"caller": "受付の方", "phone": "03-1", "agreed": "後の文", **opened}
    )
    assert answer.status_code == 409
    assert OVERTAKEN["changed"] in text(answer)
    assert "先の文" in text(answer) and "後の文</textarea>" in text(answer)
    assert 'value="2027-06-30"' in answer.text, "the day that she did not touch is the other one's"
    data = {"caller": "山田", "phone": "03-1", "agreed": "後の文", **fields(answer)}
    assert second.http.post(path, data=data).status_code == 303
    case = first.case
    assert (case.caller, case.phone, case.agreed) == ("山田", "03-1", "先の文\n\n後の文")


def test_what_a_form_left_as_it_was_is_not_put_back(pair: tuple[Clerk, Clerk]) -> None:
    first, second = pair
    path = f"/staff/cases/{first.case_id}"
    opened = form(second, path)
    first.http.post(path, data={"caller": "受付の方", "agreed": "先の文", **form(first, path)})
    data = {"caller": "受付の方", "phone": "03-1", "agreed": "", **opened}
    assert second.http.post(path, data=data).status_code == 303
    assert (first.case.phone, first.case.agreed) == ("03-1", "先の文")


def test_the_second_answer_to_a_question_is_not_taken_for_the_next(
    pair: tuple[Clerk, Clerk],
) -> None:
    first, second = pair
    opened = seen(second.page())
    first.act("answer:opening_mail:no", seen=opened)
    turns = len(first.app.dialogue.turns)
    answer = second.post("steps", act="words", text="届きました<b>", seen=opened)
    assert answer.status_code == 409
    assert words()["problems"]["overtaken"] in text(answer)
    assert 'value="届きました&lt;b&gt;"' in answer.text, "her words are still in the field"
    assert second.said(answer.text) == ["acceptance_mailはいかがですか。"], "the question now"
    assert len(first.app.dialogue.turns) == turns
    page = second.act("words", "来ました", seen=seen(answer.text))
    assert second.said(page) == ["accepted_onはいかがですか。"]


def test_at_the_very_same_moment_one_answer_is_taken(pair: tuple[Clerk, Clerk]) -> None:
    first, second = pair
    opened, how = seen(second.page()), first.app.dialogue.answer
    assert how is not None

    def slowly(body: dict[str, object]) -> list[dict[str, object]]:
        time.sleep(0.3)  # the other's form arrives while the first is being answered
        return how(body)

    first.app.dialogue.answer = slowly
    answers: list[httpx.Response] = []

    def answered(clerk: Clerk) -> None:
        answers.append(clerk.post("steps", act="answer:opening_mail:no", seen=opened))

    threads = [threading.Thread(target=answered, args=(clerk,)) for clerk in pair]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        first.app.dialogue.answer = how
    assert sorted(answer.status_code for answer in answers) == [200, 409]


def test_a_step_sent_again_is_the_clerks_own(pair: tuple[Clerk, Clerk]) -> None:
    first, second = pair
    opened, client_id = seen(first.page()), "0b5c7a52-6f6b-4f6e-9e57-0d1a2f7f3c11"
    first.act("answer:opening_mail:no", seen=opened, client_message_id=client_id)
    second.act("answer:acceptance_mail:no")
    again = first.act("answer:opening_mail:no", seen=opened, client_message_id=client_id)
    assert words()["problems"]["overtaken"] not in html.unescape(again)


def test_words_for_a_call_that_was_closed_can_become_a_note(pair: tuple[Clerk, Clerk]) -> None:
    first, second = pair
    opened = seen(second.page())
    first.post("end", agreed="先の文", **form(first))
    answer = second.post("steps", act="words", text="折り返しは夕方", seen=opened)
    assert answer.status_code == 409
    assert words()["problems"]["closed"] in text(answer)
    assert 'value="折り返しは夕方"' in answer.text
    assert second.post("notes", seq=0, text="折り返しは夕方").status_code == 200
    assert "折り返しは夕方" in first.page()


def test_without_the_pages_script_the_page_comes_with_the_words(pair: tuple[Clerk, Clerk]) -> None:
    first, second = pair
    opened = seen(second.page())
    first.act("answer:opening_mail:no", seen=opened)
    data = {"act": "words", "text": "来ました", "seen": opened}
    data["client_message_id"] = "0b5c7a52-6f6b-4f6e-9e57-0d1a2f7f3c12"
    answer = second.http.post(f"/staff/script/{first.case_id}/steps", data=data)
    assert answer.status_code == 409
    assert "<html" in answer.text and 'value="来ました"' in answer.text
