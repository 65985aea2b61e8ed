"""/staff/hours: what a supervisor writes there holds, and what cannot be read is said so."""

from datetime import UTC, date, datetime

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from bot.channels.staff.hours_page import now_lines
from bot.handover.hours import DEFAULT_WEEK, OfficeHours, Shift
from bot.store.identity_tables import AuditRow
from tests.staff.people import Clock

LUNCH = (Shift(9 * 60, 12 * 60), Shift(13 * 60, 17 * 60))


@pytest.fixture
def console(lite_console: FastAPI, clock: Clock) -> FastAPI:
    """On SQLite, on a Tuesday at half past ten in Tokyo."""
    clock.now = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
    return lite_console


def hours(console: FastAPI) -> OfficeHours:
    found: OfficeHours = console.state.handover.hours.hours()
    return found


def week(**changes: str) -> dict[str, str]:
    """Fields of the form: weekdays as the default, changed."""
    plain = {f"day_{day}": "9:00-17:00" if day < 5 else "" for day in range(7)}
    return {**plain, **changes}


def post(client: httpx.Client, path: str, **data: str) -> httpx.Response:
    fields = {"csrf": client.headers["X-CSRF-Token"], **data}
    return client.post(f"/staff/hours/{path}", data=fields)


def test_the_page_says_what_holds_now(chief: httpx.Client) -> None:
    text = chief.get("/staff/hours").text
    assert "ただいま受付時間内です。" in text
    assert "17時まで受け付けます。" in text
    assert "初めの設定" in text


def test_several_shifts_a_day(console: FastAPI, chief: httpx.Client) -> None:
    assert post(chief, "week", **week(day_1="9:00-12:00、13:00-17:00")).status_code == 303
    assert hours(console).shifts(date(2026, 11, 24)) == LUNCH
    assert 'value="9:00-12:00,13:00-17:00"' in chief.get("/staff/hours").text
    assert "初めの設定" not in chief.get("/staff/hours").text


@pytest.mark.parametrize("wrong", ["9時から", "12:00-9:00", "9:00-12:00,11:00-15:00", "9-25"])
def test_times_that_cannot_be_read_change_nothing(
    console: FastAPI, chief: httpx.Client, wrong: str
) -> None:
    page = post(chief, "week", **week(day_0=wrong))
    assert page.status_code == 422
    assert "時間として読めません" in page.text
    assert f"「{wrong}」" in page.text
    assert f'value="{wrong}"' in page.text  # not lost
    assert hours(console).is_default


def test_an_empty_week_is_refused(console: FastAPI, chief: httpx.Client) -> None:
    page = post(chief, "week", **{f"day_{day}": "" for day in range(7)})
    assert page.status_code == 422
    assert "すべての曜日が空です" in page.text


def test_a_special_day_comes_and_goes(console: FastAPI, chief: httpx.Client) -> None:
    day = date(2026, 12, 28)
    done = post(chief, "special", day="2026-12-28", shifts="9:00-12:00", reason="仕事納め")
    assert done.status_code == 303
    assert hours(console).shifts(day) == LUNCH[:1]
    text = chief.get("/staff/hours").text
    assert "12月28日（月）" in text and "9:00〜12:00" in text and "仕事納め" in text
    assert post(chief, "special/remove", day="2026-12-28").status_code == 303
    assert hours(console).shifts(day) == DEFAULT_WEEK[0]


def test_a_special_day_without_times_is_closed(console: FastAPI, chief: httpx.Client) -> None:
    post(chief, "special", day="2026-11-25", shifts="", reason="")
    assert hours(console).shifts(date(2026, 11, 25)) == ()
    assert "休み" in chief.get("/staff/hours").text


def test_a_closure_holds_at_once(console: FastAPI, chief: httpx.Client) -> None:
    post(chief, "closure", day="2026-11-25", reason="<b>夏季</b>")
    [kept] = console.state.registry.closures()
    assert (kept.day, kept.reason) == (date(2026, 11, 25), "<b>夏季</b>")
    assert "&lt;b&gt;夏季" in chief.get("/staff/hours").text
    post(chief, "closure", day="2026-11-24", reason="")  # today: at once
    assert "次の受付は、11月26日（木）9時からです。" in chief.get("/staff/hours").text
    post(chief, "closure/remove", day="2026-11-25")
    assert [closure.day for closure in console.state.registry.closures()] == [date(2026, 11, 24)]


@pytest.mark.parametrize("path", ["special", "closure", "special/remove", "closure/remove"])
@pytest.mark.parametrize("day", ["", "明日", "2026-02-30"])
def test_a_day_that_is_none_is_asked_again(chief: httpx.Client, path: str, day: str) -> None:
    page = post(chief, path, day=day)
    assert page.status_code == 422
    assert "日付を選んでください" in page.text


def test_changes_stand_in_the_trail(console: FastAPI, chief: httpx.Client) -> None:
    post(chief, "week", **week(day_5="9:00-12:00"))
    post(chief, "week", **week(day_5="x"))
    with console.state.sessions() as session:
        found = session.execute(
            select(AuditRow.staff_id, AuditRow.detail).where(AuditRow.event == "hours_changed")
        ).all()
    assert [tuple(row) for row in found] == [("demo-supervisor", "week")]


@pytest.mark.parametrize(
    ("now", "line"),
    [
        (datetime(2026, 11, 24, 8, 0, tzinfo=UTC), "次の受付は、11月25日（水）9時からです。"),
        (datetime(2026, 12, 28, 8, 0, tzinfo=UTC), "次の受付は、2027年1月4日（月）9時からです。"),
    ],
)
def test_when_the_office_opens_next(now: datetime, line: str) -> None:
    assert now_lines(OfficeHours(), now) == ["ただいま受付時間外です。", line]


def test_a_day_that_ends_at_midnight_ends_at_24() -> None:
    night = OfficeHours({1: (Shift(9 * 60, 24 * 60),)})
    now = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
    assert now_lines(night, now)[1] == "24時まで受け付けます。"


def test_an_office_that_never_opens_is_told_so() -> None:
    now = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
    assert "予定がありません" in now_lines(OfficeHours({}), now)[1]
