from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.domain.calendar import BusinessCalendar, tokyo_date

CALENDAR = BusinessCalendar()
DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 6, 13), "Saturday"),
        (date(2026, 6, 14), "Sunday"),
        (date(2026, 5, 6), "substitute for Sunday 3 May"),
        (date(2026, 9, 22), "citizens' holiday between two holidays"),
        (date(2027, 3, 22), "substitute for the equinox"),
        (date(2026, 12, 29), "year-end closure"),
        (date(2027, 1, 3), "year-end closure"),
        (date(2028, 1, 3), "year-end closure"),
    ],
)
def test_closed(day: date, name: str) -> None:
    assert not CALENDAR.is_business_day(day), name


@pytest.mark.parametrize(
    "day", [date(2026, 12, 28), date(2027, 1, 4), date(2028, 2, 29), date(2026, 6, 10)]
)
def test_open(day: date) -> None:
    assert CALENDAR.is_business_day(day)


def test_the_offices_own_closures_are_no_business_days() -> None:
    summer = [date(2026, 8, 12), date(2026, 8, 13), date(2026, 8, 14)]
    calendar = BusinessCalendar(summer)
    assert calendar.add_business_days(date(2026, 8, 10), 1) == date(2026, 8, 17)
    assert calendar.business_days_elapsed(date(2026, 8, 10), date(2026, 8, 17)) == 1
    assert CALENDAR.add_business_days(date(2026, 8, 10), 1) == date(2026, 8, 12)


def test_the_zeroth_business_day_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        CALENDAR.add_business_days(date(2026, 6, 10), 0)


@given(DAYS, st.integers(1, 30))
def test_counting_back_gives_what_was_added(start: date, n: int) -> None:
    day = CALENDAR.add_business_days(start, n)
    assert CALENDAR.is_business_day(day)
    assert CALENDAR.business_days_elapsed(start, day) == n
    assert CALENDAR.business_days_elapsed(start, day - timedelta(days=1)) == n - 1


@given(DAYS, st.integers(-40, 60))
def test_elapsed_days_never_fall(start: date, later: int) -> None:
    today = start + timedelta(days=later)
    before = CALENDAR.business_days_elapsed(start, today)
    after = CALENDAR.business_days_elapsed(start, today + timedelta(days=1))
    assert after - before in (0, 1)
    assert later > 0 or before == 0


def test_the_day_turns_at_midnight_in_tokyo() -> None:
    last_second = datetime(2026, 6, 10, 14, 59, 59, tzinfo=UTC)
    assert tokyo_date(last_second) == date(2026, 6, 10)
    assert tokyo_date(last_second + timedelta(seconds=1)) == date(2026, 6, 11)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        tokyo_date(datetime(2026, 6, 10, 9, 0))
