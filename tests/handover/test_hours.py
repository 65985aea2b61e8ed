"""Office hours: shifts, lunch, holidays, the year's end, special days, midnight."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.calendar import BusinessCalendar
from actions.domain.registry import Registry
from bot.handover.hours import OfficeHours, Shift, SpecialDay, read_shifts, write_shifts
from bot.handover.hours_store import HoursStore
from bot.handover.words import say_office

TOKYO = ZoneInfo("Asia/Tokyo")
CLINIC = OfficeHours(
    week={
        **{weekday: read_shifts("9:00-12:00,13:00-17:00") for weekday in range(5)},
        5: read_shifts("9:00-12:00"),
    },
    calendar=BusinessCalendar([date(2026, 8, 13)]),
    is_default=False,
)


def at(text: str) -> datetime:
    """A time in Tokyo."""
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("now", "is_open", "opens"),
    [
        ("2026-11-24T08:59:59", False, "2026-11-24T09:00"),
        ("2026-11-24T09:00", True, None),
        ("2026-11-24T11:59:59.9", True, None),
        ("2026-11-24T12:00", False, "2026-11-24T13:00"),  # lunch
        ("2026-11-24T17:00", False, "2026-11-25T09:00"),
        ("2026-11-28T11:00", True, None),  # a Saturday with times of its own
        ("2026-11-28T12:00", False, "2026-11-30T09:00"),
        ("2026-11-23T10:00", False, "2026-11-24T09:00"),  # 勤労感謝の日
        ("2026-08-13T10:00", False, "2026-08-14T09:00"),  # the office's closure
        ("2026-12-28T16:59", True, None),
        ("2026-12-28T17:00", False, "2027-01-04T09:00"),  # the year's end
        ("2027-01-04T00:00", False, "2027-01-04T09:00"),
        ("2026-11-24T00:00", False, "2026-11-24T09:00"),
        ("2026-11-24T23:59:59", False, "2026-11-25T09:00"),
    ],
)
def test_open_and_next(now: str, is_open: bool, opens: str | None) -> None:
    assert CLINIC.is_open(at(now)) is is_open
    assert CLINIC.next_opening(at(now)) == (at(opens) if opens else at(now))


def test_a_special_day_beats_everything() -> None:
    days = {
        date(2026, 12, 29): SpecialDay(date(2026, 12, 29), read_shifts("10:00-15:00")),
        date(2026, 11, 24): SpecialDay(date(2026, 11, 24), (), "社員研修"),
    }
    hours = OfficeHours(CLINIC.week, days, CLINIC.calendar)
    assert hours.is_open(at("2026-12-29T10:00"))
    assert not hours.is_open(at("2026-12-29T15:00"))
    assert hours.next_opening(at("2026-12-28T17:00")) == at("2026-12-29T10:00")
    assert hours.next_opening(at("2026-11-24T08:00")) == at("2026-11-25T09:00")


def test_a_shift_until_midnight_and_touching_ones() -> None:
    night = OfficeHours({1: read_shifts("9:00-12:00,12:00-24:00")}, is_default=False)
    assert night.closing(at("2026-11-24T10:00")) == at("2026-11-25T00:00")
    assert night.is_open(at("2026-11-24T23:59:59.999999"))
    assert not night.is_open(at("2026-11-25T00:00"))
    assert say_office(night, at("2026-11-24T10:00")) == "受付中（24時まで）"


def test_how_it_is_said() -> None:
    assert say_office(CLINIC, at("2026-11-24T10:00")) == "受付中（12時まで）"
    assert say_office(CLINIC, at("2026-11-23T10:00")) == "受付時間外（次は11月24日（火）9時から）"
    assert (
        say_office(CLINIC, at("2026-12-28T18:00")) == "受付時間外（次は2027年1月4日（月）9時から）"
    )
    half = OfficeHours({1: read_shifts("9:30-17:00")}, is_default=False)
    assert say_office(half, at("2026-11-24T09:00")) == "受付時間外（次は11月24日（火）9時30分から）"
    assert "標準の時間" in say_office(OfficeHours(), at("2026-11-24T10:00"))
    never = OfficeHours({}, is_default=False)
    assert never.next_opening(at("2026-11-24T10:00")) is None
    assert say_office(never, at("2026-11-24T10:00")) == "受付時間外"


SHIFTS = st.lists(st.integers(0, 24 * 60), min_size=2, max_size=8, unique=True).map(
    lambda cuts: tuple(
        Shift(*pair) for pair in zip(*(iter(sorted(cuts)[: len(cuts) // 2 * 2]),) * 2, strict=True)
    )
)
WEEKS = st.dictionaries(st.integers(0, 6), SHIFTS)
INSTANTS = st.datetimes(
    datetime(2026, 12, 20), datetime(2027, 1, 10), timezones=st.just(TOKYO)
) | st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


@given(WEEKS, INSTANTS)
def test_the_next_opening_opens(week: dict[int, tuple[Shift, ...]], now: datetime) -> None:
    """The office is open at its next opening, and was not a moment before it (unless now)."""
    hours = OfficeHours(week, is_default=False)
    opens = hours.next_opening(now)
    if opens is None:
        assert not hours.is_open(now)
        return
    assert opens >= now
    assert hours.is_open(opens)
    if opens > now:
        assert not hours.is_open(now)
        before = opens - timedelta(microseconds=1)
        # A shift that ends at midnight where the next day's begins is open before it, too.
        assert not hours.is_open(before) or opens.astimezone(TOKYO).hour == 0


@given(WEEKS, INSTANTS)
def test_the_closing_closes(week: dict[int, tuple[Shift, ...]], now: datetime) -> None:
    hours = OfficeHours(week, is_default=False)
    closes = hours.closing(now)
    if closes is not None:
        assert closes > now
        assert hours.is_open(closes - timedelta(microseconds=1))


@given(SHIFTS)
def test_written_shifts_are_read_again(shifts: tuple[Shift, ...]) -> None:
    assert read_shifts(write_shifts(shifts)) == tuple(sorted(shifts))


def test_how_shifts_are_written() -> None:
    assert read_shifts("９：００〜１２：００、１３：００〜１７：００") == CLINIC.week[0]
    assert read_shifts("9-17") == (Shift(540, 1020),)
    assert read_shifts(" 休 ") == read_shifts("closed") == ()
    for wrong in (
        "9:00",
        "12:00-9:00",
        "9:00-25:00",
        "9:60-10:00",
        "9:00-12:00,11:00-13:00",
        "x-y",
    ):
        with pytest.raises(ValueError, match=r"shift|time"):
            read_shifts(wrong)


def test_the_hours_are_data(sessions: sessionmaker[Session]) -> None:
    store = HoursStore(sessions, Registry(sessions))
    assert store.hours().is_default
    store.set_week({**store.hours().week, 5: read_shifts("9:00-12:00")})
    assert not store.hours().is_default
    assert store.hours().week[5] == (Shift(540, 720),)
    assert store.hours().week[0] == (Shift(540, 1020),)
    store.set_week({5: read_shifts("9:00-12:00")})
    assert 0 not in store.hours().week
    day = SpecialDay(date(2026, 12, 29), read_shifts("10:00-12:00"), "大掃除")
    store.set_special(day)
    store.set_special(day)
    other = HoursStore(sessions, Registry(sessions))
    assert other.hours().special == {day.day: day}
    assert store.remove_special(day.day)
    assert not store.remove_special(day.day)
    assert store.hours().special == {}
