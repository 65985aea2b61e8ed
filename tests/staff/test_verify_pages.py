"""Verifying on the pages: nothing of the registration is shown before."""

import re

import httpx
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.staff.parts import StaffParts
from bot.store.identity_tables import AuditRow
from tests.staff.callers import CLERK, MAIL, NUMBER, PHONE, shows_number
from tests.staff.people import Clock


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
    for secret in (PHONE, MAIL, "URLがまだ押されていません", "registration-steps"):
        assert secret not in shown, secret
    for page in (shown, agent.get(f"/staff/cases/{case_id}").text):
        assert not shows_number(page, NUMBER)
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
