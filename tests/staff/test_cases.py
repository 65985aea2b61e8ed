"""Cases: their course, the list, what is promised, the export."""

import csv
import io
from datetime import date, timedelta

import httpx
import pytest
from jinja2 import StrictUndefined
from sqlalchemy.exc import OperationalError

from actions.domain.calendar import tokyo_date
from bot.cases.checklist import Item
from bot.cases.finding import PAGE, Wanted
from bot.cases.followups import FollowUps
from bot.cases.records import CaseConflict, CaseState
from bot.staff.audit import AuditFilter
from bot.staff.members import Role, StaffMember
from bot.staff.parts import StaffParts
from bot.wording import staff_members
from tests.staff.callers import CLERK, shows_number
from tests.staff.people import Clock

COLLEAGUE = StaffMember("other", "受付 次郎", Role.agent)


def names(parts: StaffParts, **wanted: object) -> list[str]:
    found, _ = parts.case_list.find(Wanted(**wanted))  # type: ignore[arg-type]
    return [case.caller for case in found]


def day(clock: Clock, days: int) -> date:
    return tokyo_date(clock()) + timedelta(days)


def test_a_case_keeps_what_changes_and_leaves_the_rest(parts: StaffParts, clock: Clock) -> None:
    case = parts.cases.begin(CLERK, caller="山田", phone="03-1")
    changed = parts.cases.change(case.id, outcome="click_url", agreed="あす見ていただく")
    assert (changed.caller, changed.outcome, changed.topic) == ("山田", "click_url", None)
    parts.cases.change(case.id, topic="mail_missing")
    assert parts.cases.get(case.id).agreed == "あす見ていただく"
    assert "山田" not in repr(changed)


def test_a_closed_case_stays_closed_but_can_be_put_right(parts: StaffParts) -> None:
    case = parts.cases.begin(CLERK, caller="山田")
    closed = parts.cases.close(case.id, outcome="login_ready")
    assert (closed.state, closed.outcome) == (CaseState.closed, "login_ready")
    again = parts.cases.close(case.id, outcome="redo")
    assert (again.outcome, again.closed_at) == ("login_ready", closed.closed_at)
    with pytest.raises(CaseConflict):
        parts.cases.change(case.id, outcome="redo")
    with pytest.raises(CaseConflict):
        parts.cases.pause(case.id)
    with pytest.raises(CaseConflict):
        parts.cases.resume(case.id, CLERK)
    assert parts.cases.amend(case.id, agreed="訂正").agreed == "訂正"


def test_a_colleague_goes_on_with_a_paused_case(parts: StaffParts) -> None:
    case = parts.cases.begin(CLERK, caller="山田")
    parts.cases.pause(case.id)
    assert names(parts, state=CaseState.paused) == ["山田"]
    taken = parts.cases.resume(case.id, COLLEAGUE)
    assert (taken.state, taken.staff_name) == (CaseState.open, "受付 次郎")
    assert names(parts, person="other") == ["山田"]
    assert names(parts, person="clerk") == []


def test_what_is_promised_for_today_comes_first_until_it_is_kept(
    parts: StaffParts, clock: Clock
) -> None:
    for caller, days in (("期限切れ", -2), ("本日", 0), ("あす", 1)):
        case = parts.cases.begin(CLERK, caller=caller)
        parts.cases.close(case.id, follow_up_on=day(clock, days))
        clock.turn(minutes=1)
    parts.cases.begin(CLERK, caller="いま")
    assert names(parts) == ["期限切れ", "本日", "いま", "あす"]
    assert names(parts, due=True) == ["期限切れ", "本日"]
    late, _ = parts.case_list.find(Wanted(due=True))
    parts.cases.followed_up(late[0].id)
    assert names(parts, due=True) == ["本日"]
    # A new promise is a new one to keep.
    parts.cases.amend(late[0].id, follow_up_on=day(clock, -1))
    assert names(parts, due=True) == ["期限切れ", "本日"]


def test_the_day_of_a_promise_begins_at_midnight_in_tokyo(parts: StaffParts, clock: Clock) -> None:
    clock.now = clock.now.replace(hour=14, minute=59)  # 23:59 in Tokyo
    parts.cases.close(parts.cases.begin(CLERK, caller="あす").id, follow_up_on=day(clock, 1))
    assert names(parts, due=True) == []
    clock.turn(minutes=2)
    assert names(parts, due=True) == ["あす"]


def test_old_cases_are_deleted_but_for_promises(parts: StaffParts, clock: Clock) -> None:
    for caller, days in (("古い", None), ("約束", 1), ("過ぎた約束", -1)):
        case = parts.cases.begin(CLERK, caller=caller)
        parts.cases.close(case.id, follow_up_on=None if days is None else day(clock, days))
    clock.turn(minutes=1)
    parts.cases.begin(CLERK, caller="新しい")
    assert parts.cases.forget(clock() - timedelta(seconds=30)) == 2
    assert parts.cases.forget(clock() - timedelta(seconds=30)) == 0
    assert sorted(names(parts)) == ["新しい", "約束"]


def test_cases_are_found_by_member_words_and_notes(parts: StaffParts, demo_members: None) -> None:
    case = parts.cases.begin(CLERK, "000106", caller="事務の山田")
    parts.cases.change(case.id, agreed="5%引きの書類をお送りする")
    parts.cases.note(case.id, "メールはドコモ")
    parts.cases.begin(CLERK, caller="別の方")
    for query in ("000106", "見本", "みほん りっか", "03-0000-0106", "山田", "5%引き", "ドコモ",
                  "見本 山田"):  # fmt: skip
        assert names(parts, text=query) == ["事務の山田"], query
    for query in ("見本 佐藤", "_", "いない"):
        assert names(parts, text=query) == [], query


def test_the_list_has_pages(parts: StaffParts, clock: Clock) -> None:
    for n in range(PAGE + 3):
        parts.cases.begin(CLERK, caller=f"{n}")
        clock.turn(seconds=1)
    first, more = parts.case_list.find(Wanted())
    rest, end = parts.case_list.find(Wanted(), 1)
    assert (len(first), more, len(rest), end) == (PAGE, True, 3, False)
    assert first[0].caller == f"{PAGE + 2}"


def test_the_count_in_the_top_bar_follows(parts: StaffParts, clock: Clock) -> None:
    assert parts.follow_ups.count() == 0
    case = parts.cases.begin(CLERK, caller="山田")
    parts.cases.close(case.id, follow_up_on=day(clock, 0))
    assert parts.follow_ups.count() == 1
    parts.cases.followed_up(case.id)
    assert parts.follow_ups.count() == 0


def test_a_database_that_is_away_leaves_the_last_count(
    parts: StaffParts, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts.cases.close(parts.cases.begin(CLERK).id, follow_up_on=day(clock, 0))
    counted = FollowUps(parts.sessions, clock)
    counted.read()

    def away(*_: object) -> None:
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr("bot.cases.followups.reading", away)
    counted.read()
    assert counted.count() == 1


# --- the pages


def test_a_case_is_changed_and_shown(agent: httpx.Client, parts: StaffParts, clock: Clock) -> None:
    case = parts.cases.begin(CLERK, caller="山田")
    due = day(clock, 0).isoformat()
    said = {"caller": "山田 次郎", "phone": "03-1", "agreed": "<b>調べる</b>", "follow_up_on": due}
    assert agent.post(f"/staff/cases/{case.id}", data=said).status_code == 303
    shown = agent.get(f"/staff/cases/{case.id}").text
    assert "山田 次郎" in shown
    assert "&lt;b&gt;調べる" in shown
    listed = agent.get("/staff/cases").text
    assert "本日" in listed
    assert '<span class="count" data-count="cases" >1</span>' in listed
    wrong = agent.post(f"/staff/cases/{case.id}", data={"follow_up_on": "あした"})
    assert wrong.status_code == 422
    assert "日付は" in wrong.text


def test_a_change_is_in_the_trail_of_the_members_number(
    agent: httpx.Client, parts: StaffParts, demo_members: None
) -> None:
    case = parts.cases.begin(CLERK, number="000106")
    agent.post(f"/staff/cases/{case.id}", data={"agreed": "調べる"})
    trail = parts.audit.entries(AuditFilter(number="000106"), None)
    assert [(entry.event, entry.detail) for entry in trail] == [("case_change", case.id)]


def test_the_end_of_a_case_and_a_kept_promise_are_in_the_trail(
    agent: httpx.Client, parts: StaffParts, demo_members: None
) -> None:
    case = parts.cases.begin(CLERK, number="000106")
    agent.post(f"/staff/cases/{case.id}/close")
    agent.post(f"/staff/cases/{case.id}/followed-up")
    trail = parts.audit.entries(AuditFilter(number="000106"), None)
    assert {(e.event, e.detail) for e in trail} == {
        (w, case.id) for w in ("case_close", "case_change")
    }


def test_a_paused_case_goes_on_with_one_click(agent: httpx.Client, parts: StaffParts) -> None:
    case = parts.cases.begin(CLERK, caller="山田")
    agent.post(f"/staff/cases/{case.id}/pause")
    assert f'action="/staff/cases/{case.id}/resume"' in agent.get("/staff/cases").text
    answer = agent.post(f"/staff/cases/{case.id}/resume")
    assert answer.headers["location"] == f"/staff/script/{case.id}"
    assert parts.cases.get(case.id).state is CaseState.open


def test_an_unknown_case_is_a_page_that_says_so(agent: httpx.Client) -> None:
    answer = agent.get("/staff/cases/nothing")
    assert answer.status_code == 404
    assert "見つかりません" in answer.text
    assert "<html" in answer.text


def test_the_search_for_cases_is_posted(agent: httpx.Client, parts: StaffParts) -> None:
    parts.cases.begin(CLERK, caller="山田")
    parts.cases.begin(CLERK, caller="佐藤")
    shown = agent.post("/staff/cases", data={"q": "山田"}).text
    assert "山田</a>" in shown
    assert "佐藤</a>" not in shown


def test_what_came_of_a_verified_call_waits_for_the_next_verification(
    agent: httpx.Client, chief: httpx.Client, parts: StaffParts, demo_members: None
) -> None:
    headline = staff_members("registration")["outcomes"]["click_url"]["headline"]
    case = parts.cases.begin(CLERK, "000106")
    parts.checks.called_back(case.id, CLERK)
    parts.cases.change(case.id, topic="mail_missing", outcome="click_url", agreed="URLのこと")
    one = f"/staff/cases/{case.id}"

    def shown(client: httpx.Client) -> list[bool]:
        return [headline in client.get(path).text for path in ("/staff/cases", one)]

    assert shown(agent) == [True, True], "hidden from the clerk who has verified the caller"
    parts.cases.pause(case.id)
    assert shown(agent) == [False, False]
    listed = agent.get("/staff/cases").text
    assert "メールが届かない" in listed and "URLのこと" not in listed
    assert "<details><summary>お約束したこと" in agent.get(one).text
    assert not shows_number(agent.get(one).text, "000106")
    assert shown(chief) == [True, True]
    parts.cases.close(case.id)
    assert shown(agent) == [False, False]


def test_what_an_unverified_caller_told_is_shown(agent: httpx.Client, parts: StaffParts) -> None:
    case = parts.cases.begin(CLERK, caller="山田")
    parts.cases.close(case.id, outcome="redo", agreed="もう一度申し込む")
    assert "もう一度申し込む" in agent.get("/staff/cases").text


@pytest.mark.parametrize("evil", ["=1+1", "+81", "-1", "@SUM(A1)", "\t=1", "＝1"])
def test_the_export_holds_no_formula(chief: httpx.Client, parts: StaffParts, evil: str) -> None:
    case = parts.cases.begin(CLERK, caller=evil)
    parts.cases.close(case.id, agreed=evil + ",\n2行目", outcome="login_ready")
    answer = chief.post("/staff/cases/export")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    header, row = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert len(header) == len(row)
    assert row[header.index("お約束したこと")] == "'" + evil + ",\n2行目"
    assert not any(cell.startswith(tuple("=+-@\t＝")) for cell in row)


def test_the_export_is_for_supervisors_and_noted(
    agent: httpx.Client, chief: httpx.Client, parts: StaffParts
) -> None:
    assert agent.post("/staff/cases/export").status_code == 403
    assert "/staff/cases/export" not in agent.get("/staff/cases").text
    parts.cases.begin(CLERK, caller="山田")
    parts.cases.begin(CLERK, caller="佐藤")
    lines = chief.post("/staff/cases/export", data={"q": "山田"}).text.splitlines()
    assert len(lines) == 2
    assert "対応の記録の書き出し" in chief.get("/staff/audit").text


def test_no_word_is_missing_on_any_page(
    chief: httpx.Client,
    parts: StaffParts,
    demo_members: None,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.channels.staff.pages._PAGES.undefined", StrictUndefined)
    paths = ["/staff/script", "/staff/cases"]
    for number in ("000101", "000104", "000120"):
        case = parts.cases.begin(CLERK, number, caller="山田")
        parts.cases.change(case.id, outcome="click_url", follow_up_on=day(clock, -1))
        paths += [f"/staff/cases/{case.id}/verify?wrong=phone", f"/staff/cases/{case.id}"]
    last = paths[-1].rpartition("/")[2]
    for path in paths:
        assert chief.get(path).status_code == 200, path
    for q in ("試山 両子", "見", "いない"):
        assert chief.post("/staff/callers", data={"q": q}).status_code == 200, q
    parts.checks.called_back(last, CLERK)
    for path in (f"/staff/cases/{last}/verify", f"/staff/members/000120?case={last}"):
        assert chief.get(path).status_code == 200, path
    parts.cases.pause(last)
    assert chief.get(f"/staff/cases/{last}/verify").status_code == 200
    for n in range(6):
        lone = parts.cases.begin(CLERK, "000106")
        parts.checks.answer(lone.id, CLERK, Item.phone, f"{n}")
    assert chief.get(f"/staff/cases/{lone.id}/verify").status_code == 200
    parts.cases.close(lone.id, topic="mail_missing")
    assert chief.get(f"/staff/cases/{lone.id}").status_code == 200
    assert chief.post("/staff/cases", data={"q": "いない", "page_number": "1"}).status_code == 200
