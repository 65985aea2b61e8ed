"""The audit trail as supervisors read it: filters, pages, export, names of events."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError

from bot.audit import AuditEvent
from bot.channels.staff.audit_page import audit_filter
from bot.settings import PROJECT_ROOT
from bot.staff.audit import AuditFilter
from bot.staff.members import Role, StaffMember
from bot.staff.parts import StaffParts
from bot.staff.sheets import csv_text, safe_cell
from bot.staff.words import audit_labels
from bot.store.identity_tables import AuditRow
from tests.staff.people import Clock, browser, sign_in_demo

ANNA = StaffMember("demo-agent", "デモ 花子", Role.agent)
CHIEF = StaffMember("demo-supervisor", "デモ 一郎", Role.supervisor)


def _rows(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200
    body = answer.text.partition("<tbody>")[2].partition("</tbody>")[0]
    return [re.sub(r"\s*<[^>]+>\s*", "|", row) for row in body.split("<tr>")[1:]]


def test_what_staff_do_is_there_with_their_names(chief: httpx.Client, parts: StaffParts) -> None:
    parts.audit.note("look_up", ANNA, "000101", "c" * 32, "受付番号 7")
    newest, sign_in = _rows(chief.get("/staff/audit"))[:2]
    for said in ("登録状況の照会", "デモ 花子", "担当者", "000101", "c" * 32, "受付番号 7"):
        assert said in newest
    assert "ログイン" in sign_in and "デモ 一郎" in sign_in


def test_a_detail_is_told_in_words_with_a_way_to_the_call(
    chief: httpx.Client, parts: StaffParts
) -> None:
    case_id = parts.cases.begin(ANNA).id
    parts.audit.note("caller_check", ANNA, "000101", "c" * 32, f"{case_id} email wrong")
    parts.audit.note("review_view", CHIEF, detail="unclear 2026-06-01..2026-06-30")
    answer = chief.get("/staff/audit")
    review, check = _rows(answer)[:2]
    assert "聞き返したご質問 2026-06-01〜2026-06-30" in review
    assert "対応の記録|メールアドレス 不一致" in check
    assert f'href="/staff/cases/{case_id}"' in answer.text
    assert f'href="/staff/review/conversations/{"c" * 32}"' in answer.text
    sheet = chief.post("/staff/audit/export", data={"event": "caller_check"}).text
    assert f"{case_id} メールアドレス 不一致" in sheet


def test_the_filters(console: FastAPI, parts: StaffParts, clock: Clock) -> None:
    clock.now = datetime(2026, 6, 9, 14, 59, tzinfo=UTC)  # 23:59 in Japan
    parts.audit.note("look_up", ANNA, "000101")
    clock.turn(minutes=1)
    parts.audit.note("look_up", CHIEF, "000102")
    clock.turn(minutes=1)
    parts.audit.note("sign_out", ANNA)

    def found(**query: str) -> list[str]:
        wanted = audit_filter(
            **{"who": "", "number": "", "event": "", "since": "", "until": "", **query}
        )
        return [f"{e.event} {e.number}".strip() for e in parts.audit.entries(wanted, None)]

    assert found() == ["sign_out", "look_up 000102", "look_up 000101"]
    assert found(who="demo-agent") == ["sign_out", "look_up 000101"]
    assert found(number=" ０００１０２ ") == ["look_up 000102"]
    assert found(event="look_up") == ["look_up 000102", "look_up 000101"]
    assert found(since="2026-06-10") == ["sign_out", "look_up 000102"]
    assert found(until="2026-06-09") == ["look_up 000101"]
    assert found(since="2026-06-10", until="2026-06-10", who="demo-agent") == ["sign_out"]
    assert found(since="gestern", until="2026-02-30") == found()
    assert found(who="x' OR '1'='1") == []


def test_pages_show_each_entry_once(chief: httpx.Client, parts: StaffParts) -> None:
    for number in range(120):
        parts.audit.note("look_up", ANNA, f"{number:06}")
    seen: list[str] = []
    address: str | None = "/staff/audit?event=look_up"
    while address:
        answer = chief.get(address)
        seen += re.findall(r"number=(\d{6})\"", answer.text)
        older = re.search(r'href="([^"]*)">古いほうへ', answer.text)
        address = older[1].replace("&amp;", "&") if older else None
    assert seen == [f"{number:06}" for number in reversed(range(120))]
    assert _rows(chief.get("/staff/audit?before=1")) == []


def test_nothing_in_an_address_runs(chief: httpx.Client) -> None:
    bad = '"><script>alert(1)</script>'
    answer = chief.get("/staff/audit", params={"number": bad, "who": bad[:40], "since": bad})
    assert "<script>alert" not in answer.text
    assert answer.status_code == 200


def test_members_own_look_ups_are_there_too(chief: httpx.Client, parts: StaffParts) -> None:
    with parts.sessions.begin() as session:
        session.add(
            AuditRow(
                at=parts.clock(), event="look_up", identity_path="site", number="000103",
                conversation_id="d" * 32,
            )
        )  # fmt: skip
    assert "会員（サイトのログイン）" in _rows(chief.get("/staff/audit"))[0]


def test_the_export_is_safe_and_noted(chief: httpx.Client, parts: StaffParts) -> None:
    for detail in (
        "=1+1",
        "+81",
        "-2",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "＝1",
        "普通の補足",
        'a"b,c\nd',
    ):
        parts.audit.note("look_up", ANNA, "000101", detail=detail)
    answer = chief.post("/staff/audit/export", data={"number": "000101"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.text.startswith("\ufeff")
    header, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert header == ["日時", "できごと", "担当者", "立場・確認の方法", "登録番号", "会話", "補足"]
    details = [row[-1] for row in reversed(rows)]
    assert details[-2:] == ["普通の補足", 'a"b,c\nd']
    assert all(detail.startswith("'") for detail in details[:-2])
    assert not any(
        cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row
    )
    noted = parts.audit.entries(AuditFilter(event="audit_exported"), None)
    assert [(e.person, e.number, e.detail) for e in noted] == [("デモ 一郎", "000101", "9 …–…")]
    assert chief.get("/staff/audit/export").status_code == 404


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_cells_that_would_be_calculated(begin: str) -> None:
    assert safe_cell(begin + "1") == "'" + begin + "1"
    assert csv_text(["a"], [[begin + "x"]]).splitlines()[1].startswith("\"'")


def test_cells_that_would_not() -> None:
    assert [safe_cell(value) for value in (None, "", 12, "a=b", "000101")] == [
        "", "", "12", "a=b", "000101",
    ]  # fmt: skip


def test_a_failed_sign_in_is_nobodys(console: FastAPI, parts: StaffParts) -> None:
    fields = {"login": "demo-agent", "password": "my-real-password", "code": "1"}
    browser(console).post("/staff/sign-in", data=fields)
    browser(console).post("/staff/sign-in", data={**fields, "login": "oops-my-password"})
    entries = parts.audit.entries(AuditFilter(event="sign_in_failed"), None)
    assert [(e.person, e.identity_path) for e in entries] == [
        ("", "unproven"),
        ("デモ 花子", "unproven"),
    ]
    with parts.sessions() as session:
        rows = session.scalars(select(AuditRow)).all()
    assert "password" not in repr([vars(row) for row in rows])


def test_every_way_in_and_out_is_noted(console: FastAPI, parts: StaffParts) -> None:
    client = sign_in_demo(browser(console), Role.agent)
    client.post("/staff/account/sign-out-everywhere")
    sign_in_demo(client, Role.supervisor)
    client.post("/staff/sign-out")
    entries = parts.audit.entries(AuditFilter(), None)
    assert [e.event for e in reversed(entries)] == [
        "sign_in", "signed_out_everywhere", "sign_in", "sign_out",
    ]  # fmt: skip


def test_rows_of_staff_cannot_be_changed_either(parts: StaffParts) -> None:
    parts.audit.note("look_up", ANNA, "000101", detail="x")
    for statement in (
        update(AuditRow).values(staff_id="demo-supervisor"),
        update(AuditRow).values(detail=None),
        delete(AuditRow),
        text("UPDATE audit SET staff_id = NULL"),
    ):
        with pytest.raises(DatabaseError, match="append-only"), parts.sessions.begin() as session:
            session.execute(statement)


def test_a_long_detail_is_cut(parts: StaffParts) -> None:
    parts.audit.note("look_up", ANNA, detail="あ" * 300)
    assert len(parts.audit.entries(AuditFilter(), None)[0].detail) == 200


def test_every_event_in_the_code_has_a_name() -> None:
    labels = audit_labels()
    assert all(label and len(event) <= 24 for event, label in labels.items())
    named = {event.value for event in AuditEvent}
    for path in (PROJECT_ROOT / "bot").rglob("*.py"):
        said = path.read_text(encoding="utf-8")
        named |= set(
            re.findall(
                r'(?:audit|trail)\.(?:note|note_operator|note_refused|row)\(\s*"(\w+)"', said
            )
        )
        named |= set(re.findall(r'(?:audit|trail)\.note,\s*"(\w+)"', said))
    assert named >= {"sign_in", "sign_out", "audit_exported", "account_added"}
    assert named - set(labels) == set()


def test_old_rows_end_with_the_retention_time(parts: StaffParts, clock: Clock) -> None:
    from bot.audit import Audit

    clock.turn(days=-1100)
    parts.audit.note("sign_in", ANNA)
    clock.turn(days=1100)
    parts.audit.note("sign_in", ANNA)
    assert Audit(parts.sessions).forget(clock() - timedelta(days=1095)) == 1
    assert len(parts.audit.entries(AuditFilter(), None)) == 1
