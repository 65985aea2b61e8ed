"""Who is on the telephone: what counts, how often, and that nothing is shown before."""

import itertools
import re
import threading
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.cases.checklist import Item, OnRecord, Policy, can_be_enough, is_enough, same_answer
from bot.cases.checks import Checks, Judged
from bot.cases.records import Case, CaseConflict, CaseNotFound, CaseState, VerifiedHow
from bot.staff.members import Role, StaffMember
from bot.staff.parts import StaffParts
from bot.store.case_tables import CaseCheckRow
from bot.store.identity_tables import AuditRow
from tests.staff.people import Clock

CLERK = StaffMember("clerk", "受付 花", Role.agent)
RECORD = OnRecord("012345", "見本 一郎", "03-1234-5678", "Ichiro@Example.jp")
# An invented member whom the demo loads: number, telephone and mail address as loaded.
NUMBER, PHONE, MAIL = "000106", "03-0000-0106", "demo-000106@example.jp"


# --- the rules


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (Item.number, "012345"),
        (Item.number, "０１２-３４５"),
        (Item.name, "見本一郎"),
        (Item.name, "見本　一郎"),
        (Item.phone, "0312345678"),
        (Item.phone, "０３（１２３４）５６７８"),
        (Item.phone, "+81 3 1234 5678"),
        (Item.email, "ichiro@example.jp"),
        (Item.email, "ICHIRO＠EXAMPLE．JP"),
    ],
)
def test_the_same_answer_however_it_is_typed(item: Item, said: str) -> None:
    assert same_answer(item, said, RECORD)


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (Item.number, "12345"),
        (Item.number, "0123456"),
        (Item.number, ""),
        (Item.name, "見本"),
        (Item.phone, "12345678"),
        (Item.phone, "5678"),
        (Item.phone, "03-1234-5679"),
        (Item.phone, "%"),
        (Item.email, "ichiro@example"),
        (Item.email, "ichiro@example.jp.evil.jp"),
        (Item.email, "i" * 5_000),
    ],
)
def test_a_part_of_the_answer_is_not_the_answer(item: Item, said: str) -> None:
    assert not same_answer(item, said, RECORD)


def test_any_of_several_telephone_numbers_is_right() -> None:
    record = OnRecord("012345", "", "03-1234-5678 内線12／090-1111-2222", "")
    assert same_answer(Item.phone, "03-1234-5678", record)
    assert same_answer(Item.phone, "090 1111 2222", record)
    assert not same_answer(Item.phone, "12", record)


@pytest.mark.parametrize("phone", ["0", "000-0000-0000", "なし", "内線12", "-"])
@pytest.mark.parametrize("email", ["なし", "-", "none", "@", "無@"])
def test_what_stands_in_for_a_contact_proves_nobody(phone: str, email: str) -> None:
    record = OnRecord("012345", "見本 一郎", phone, email)
    assert record.items() == (Item.number, Item.name)
    assert not same_answer(Item.phone, phone, record)
    assert not same_answer(Item.email, email, record)
    assert not can_be_enough(record, 2)


@pytest.mark.parametrize("item", list(Item))
def test_nothing_said_is_not_the_same_as_nothing_on_record(item: Item) -> None:
    assert not same_answer(item, "", OnRecord("", "", "", ""))


def test_what_stands_on_the_address_label_is_never_enough() -> None:
    on_label = {Item.number, Item.name}
    for count in range(5):
        for matched in itertools.combinations(Item, count):
            expected = count >= 2 and not set(matched) <= on_label
            assert is_enough(matched, 2) == expected, matched


def test_a_record_without_contact_cannot_be_verified_by_questions() -> None:
    assert not can_be_enough(OnRecord("012345", "見本 一郎", "", ""), 2)
    assert can_be_enough(OnRecord("012345", "", "", "a@example.jp"), 2)
    assert not can_be_enough(OnRecord("012345", "", "", "a@example.jp"), 3)


# --- as it is kept


@pytest.fixture
def case(parts: StaffParts, demo_members: None) -> Case:
    """An open case of an invented member."""
    return parts.cases.begin(CLERK, NUMBER)


def answer(parts: StaffParts, case: Case, item: Item, said: str = "",
           ticked: bool | None = None) -> Judged:  # fmt: skip
    return parts.checks.answer(case.id, CLERK, item, said, ticked)


def test_two_answers_verify_for_an_hour(parts: StaffParts, case: Case, clock: Clock) -> None:
    assert not answer(parts, case, Item.number, NUMBER).case.is_verified(clock())
    known = answer(parts, case, Item.phone, PHONE).case
    assert known.is_verified(clock())
    assert known.verified_how is VerifiedHow.checklist
    assert known.verified_items == ("number", "phone")
    clock.turn(minutes=61)
    assert not parts.cases.get(case.id).is_verified(clock())


def test_the_same_right_answer_twice_is_one(parts: StaffParts, case: Case, clock: Clock) -> None:
    for _ in range(2):
        known = answer(parts, case, Item.phone, PHONE).case
    assert not known.is_verified(clock())


def test_a_wrong_answer_takes_a_right_one_back(parts: StaffParts, case: Case) -> None:
    answer(parts, case, Item.number, NUMBER)
    assert answer(parts, case, Item.number, "000107").case.verified_items == ()


def test_the_name_is_compared_by_the_clerk(parts: StaffParts, case: Case, clock: Clock) -> None:
    with pytest.raises(CaseConflict):
        answer(parts, case, Item.name, "見本 六花")
    assert answer(parts, case, Item.name, ticked=False).matched is False
    answer(parts, case, Item.name, ticked=True)
    assert answer(parts, case, Item.email, MAIL).case.is_verified(clock())


def test_after_five_wrong_answers_even_the_right_one_is_not_judged(
    parts: StaffParts, case: Case, clock: Clock
) -> None:
    for n in range(5):
        judged = answer(parts, case, Item.phone, f"03-9999-000{n}")
        assert judged.matched is False
    assert judged.case.refused_at is not None
    assert answer(parts, case, Item.phone, PHONE).matched is None
    # Nor in another call about the same number; another number is another matter.
    again = parts.cases.begin(CLERK, NUMBER)
    assert answer(parts, again, Item.email, MAIL).matched is None
    other = parts.cases.begin(CLERK, "000107")
    assert answer(parts, other, Item.phone, "03-0000-0107").matched is True
    clock.turn(hours=25)
    assert answer(parts, parts.cases.begin(CLERK, NUMBER), Item.phone, PHONE).matched is True


def test_of_fifty_guesses_at_once_five_are_judged(
    parts: StaffParts, case: Case, sessions: sessionmaker[Session]
) -> None:
    cases = [case, *(parts.cases.begin(CLERK, NUMBER) for _ in range(4))]
    results: list[bool | None] = []

    def guess(n: int) -> None:
        results.append(answer(parts, cases[n % 5], Item.phone, f"03-8888-{n:04}").matched)

    _at_once([lambda n=n: guess(n) for n in range(50)])  # type: ignore[misc]
    assert results.count(False) == 5
    assert results.count(None) == 45
    with sessions() as session:
        assert len(session.scalars(select(CaseCheckRow)).all()) == 5


def _at_once(acts: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_verification_ends_with_the_call(parts: StaffParts, case: Case, clock: Clock) -> None:
    answer(parts, case, Item.number, NUMBER)
    answer(parts, case, Item.phone, PHONE)
    parts.cases.pause(case.id)
    resumed = parts.cases.resume(case.id, CLERK)
    assert resumed.state is CaseState.open
    assert not resumed.is_verified(clock())
    assert resumed.verified_items == ()
    assert not answer(parts, case, Item.number, NUMBER).case.is_verified(clock())


def test_who_takes_up_a_colleagues_open_case_verifies_anew(
    parts: StaffParts, case: Case, clock: Clock
) -> None:
    answer(parts, case, Item.number, NUMBER)
    answer(parts, case, Item.phone, PHONE)
    assert parts.cases.resume(case.id, CLERK).is_verified(clock())
    colleague = StaffMember("other", "受付 次郎", Role.agent)
    taken = parts.cases.resume(case.id, colleague)
    assert not taken.is_verified(clock())
    assert taken.verified_items == ()


def test_the_next_call_of_the_same_clerk_ends_a_verification(
    parts: StaffParts, case: Case, clock: Clock
) -> None:
    answer(parts, case, Item.number, NUMBER)
    answer(parts, case, Item.phone, PHONE)
    parts.cases.begin(StaffMember("other", "受付 次郎", Role.agent), caller="別の方")
    assert parts.cases.get(case.id).is_verified(clock()), "a colleague's call is another matter"
    parts.cases.begin(CLERK, caller="次の方")
    assert not parts.cases.get(case.id).is_verified(clock())


def test_a_closed_or_paused_case_takes_no_answers(parts: StaffParts, case: Case) -> None:
    parts.cases.pause(case.id)
    with pytest.raises(CaseConflict):
        answer(parts, case, Item.phone, PHONE)
    parts.cases.close(case.id)
    with pytest.raises(CaseConflict):
        answer(parts, case, Item.phone, PHONE)
    with pytest.raises(CaseNotFound):
        parts.checks.answer("nothing", CLERK, Item.phone, PHONE)


def test_calling_back_verifies_also_after_too_many_wrong_answers(
    parts: StaffParts, case: Case, clock: Clock
) -> None:
    for n in range(5):
        answer(parts, case, Item.phone, f"03-9999-000{n}")
    known = parts.checks.called_back(case.id, CLERK)
    assert known.is_verified(clock())
    assert known.verified_how is VerifiedHow.callback


def test_the_other_number_of_one_mailbox_keeps_what_is_the_same(
    parts: StaffParts, demo_members: None, clock: Clock
) -> None:
    case = parts.cases.begin(CLERK, "000120")
    answer(parts, case, Item.number, "000120")
    assert answer(parts, case, Item.email, "demo-000120@example.jp").case.is_verified(clock())
    other = parts.checks.choose_number(case.id, CLERK, "000920")
    assert (other.number, other.verified_items) == ("000920", ("email",))
    assert not other.is_verified(clock())
    assert answer(parts, other, Item.number, "000920").case.is_verified(clock())
    with pytest.raises(CaseConflict):
        parts.checks.choose_number(case.id, CLERK, "000106")


def test_no_way_round_a_number_that_is_locked(
    parts: StaffParts, demo_members: None, clock: Clock
) -> None:
    locked = parts.cases.begin(CLERK, "000920")
    for n in range(5):
        answer(parts, locked, Item.phone, f"03-9999-000{n}")
    case = parts.cases.begin(CLERK, "000120")
    answer(parts, case, Item.name, ticked=True)
    answer(parts, case, Item.email, "demo-000120@example.jp")
    switched = parts.checks.choose_number(case.id, CLERK, "000920")
    assert switched.verified_items == ()
    found = parts.checks.found_by_number(case.id, CLERK)
    assert (found.verified_items, found.is_verified(clock())) == ((), False)


def test_a_case_without_a_number_may_be_given_any(parts: StaffParts, demo_members: None) -> None:
    case = parts.cases.begin(CLERK, caller="山田")
    with pytest.raises(CaseConflict):
        answer(parts, case, Item.number, NUMBER)
    assert parts.checks.choose_number(case.id, CLERK, NUMBER).number == NUMBER


def test_the_office_may_ask_for_more(
    sessions: sessionmaker[Session], clock: Clock, parts: StaffParts, case: Case
) -> None:
    strict = Checks(sessions, clock, Policy(needed=3, tries=1, minutes=5))
    strict.answer(case.id, CLERK, Item.number, NUMBER)
    assert not strict.answer(case.id, CLERK, Item.phone, PHONE).case.is_verified(clock())
    assert strict.answer(case.id, CLERK, Item.email, MAIL).case.is_verified(clock())


# --- the pages


def begin(client: httpx.Client, number: str, q: str = "") -> str:
    """Choose a search result; the id of the new case."""
    answer = client.post("/staff/script", data={"number": number, "q": q})
    found = re.fullmatch(r"/staff/cases/([\w-]+)/verify", answer.headers["location"])
    assert found
    return found[1]


def check(client: httpx.Client, case_id: str, **fields: str) -> str:
    return client.post(f"/staff/cases/{case_id}/check", data=fields).headers["location"]


def test_before_the_answers_nothing_of_the_record_is_shown(
    agent: httpx.Client, demo_members: None
) -> None:
    case_id = begin(agent, NUMBER, q="見本")
    shown = agent.get(f"/staff/cases/{case_id}/verify").text
    assert "見本 六花" in shown
    assert '<a href="/staff/script" aria-current="page">' in shown
    for secret in (PHONE, MAIL, NUMBER, "URLがまだ押されていません", "registration-steps"):
        assert secret not in shown, secret
    case_page = agent.get(f"/staff/cases/{case_id}").text
    assert NUMBER not in case_page
    refused = agent.get(f"/staff/members/{NUMBER}", params={"case": case_id})
    assert refused.status_code == 409
    assert "registration-steps" not in refused.text


def test_a_verified_case_shows_the_registration_of_its_number_alone(
    agent: httpx.Client, demo_members: None, sessions: sessionmaker[Session]
) -> None:
    case_id = begin(agent, NUMBER, q=NUMBER)  # found by the whole number: that is answered
    assert check(agent, case_id, item="phone", said="03-0").endswith("?wrong=phone")
    assert "一致しません" in agent.get(f"/staff/cases/{case_id}/verify?wrong=phone").text
    assert not check(agent, case_id, item="phone", said=PHONE).endswith("wrong=phone")
    shown = agent.get(f"/staff/cases/{case_id}/verify").text
    assert "最初のメールのURLがまだ押されていません" in shown
    assert agent.get(f"/staff/members/{NUMBER}", params={"case": case_id}).status_code == 200
    assert agent.get("/staff/members/000107", params={"case": case_id}).status_code == 409
    with sessions() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
        trail = [(row.event, row.detail or "") for row in rows if row.number == NUMBER]
    assert ("case_begin", case_id) in trail
    assert ("caller_check", f"{case_id} phone wrong") in trail
    assert ("caller_check", f"{case_id} phone right") in trail
    assert [event for event, _ in trail].count("member_view") == 2
    assert "03-0" not in str(trail)


def test_a_telephone_number_that_was_searched_for_is_no_answer(
    agent: httpx.Client, parts: StaffParts, demo_members: None
) -> None:
    case_id = begin(agent, NUMBER, q=PHONE)
    assert parts.cases.get(case_id).verified_items == ()


def test_only_a_supervisor_may_vouch_or_look_without_a_case(
    agent: httpx.Client, chief: httpx.Client, parts: StaffParts, demo_members: None, clock: Clock
) -> None:
    case_id = begin(agent, NUMBER)
    vouch = f"/staff/cases/{case_id}/called-back"
    assert vouch not in agent.get(f"/staff/cases/{case_id}/verify").text
    assert agent.post(vouch).status_code == 403
    assert agent.get(f"/staff/members/{NUMBER}").status_code == 409
    assert chief.get(f"/staff/members/{NUMBER}").status_code == 200
    assert chief.get("/staff/members/000999").status_code == 404
    assert chief.post(vouch).status_code == 303
    assert parts.cases.get(case_id).is_verified(clock())


def test_the_lock_says_to_call_back(agent: httpx.Client, demo_members: None) -> None:
    case_id = begin(agent, NUMBER)
    for n in range(6):
        check(agent, case_id, item="phone", said=f"03-9999-000{n}")
    shown = agent.get(f"/staff/cases/{case_id}/verify").text
    assert "24時間" in shown
    assert 'name="said"' not in shown


def test_an_empty_answer_costs_no_try(
    agent: httpx.Client, parts: StaffParts, demo_members: None
) -> None:
    case_id = begin(agent, NUMBER)
    check(agent, case_id, item="phone", said="  ")
    assert parts.checks.tries_left(NUMBER) == 5
    assert agent.post(f"/staff/cases/{case_id}/check", data={"item": "birthday"}).status_code == 422


def test_a_number_that_is_not_there_begins_no_case(agent: httpx.Client) -> None:
    answer = agent.post("/staff/script", data={"number": "999999"})
    assert answer.status_code == 404
    assert "会員名簿にありません" in answer.text


def test_without_a_look_up_the_script_begins_at_once(
    agent: httpx.Client, parts: StaffParts
) -> None:
    answer = agent.post("/staff/script", data={"caller": "山田", "phone": "03-1"})
    found = re.fullmatch(r"/staff/script/([\w-]+)", answer.headers["location"])
    assert found
    assert parts.cases.get(found[1]).caller == "山田"


def test_a_call_that_began_without_a_look_up_finds_its_caller_later(
    agent: httpx.Client, parts: StaffParts, demo_members: None
) -> None:
    case = parts.cases.begin(CLERK, caller="山田")
    page = agent.get("/staff/script", params={"case": case.id}).text
    assert f'name="case" value="{case.id}"' in page
    fields = {"q": NUMBER, "case": case.id}
    results = agent.post("/staff/callers", data=fields, headers={"X-Fragment": "1"}).text
    action = f"/staff/cases/{case.id}/number"
    assert f'action="{action}"' in results
    answer = agent.post(action, data={"number": NUMBER, "q": NUMBER, "back": "script"})
    assert answer.headers["location"] == f"/staff/script/{case.id}"
    found = parts.cases.get(case.id)
    assert (found.number, found.verified_items) == (NUMBER, ("number",))
    assert agent.get("/staff/script", params={"case": "nothing"}).status_code == 404
