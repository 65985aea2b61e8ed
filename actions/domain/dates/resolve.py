"""From the parts of a date that were said to the civil date that they mean."""

from datetime import date, timedelta
from typing import Literal

from dateutil.relativedelta import relativedelta
from dateutil.relativedelta import weekday as day_of_week

Problem = Literal["vague", "impossible", "future", "none"]
Value = date | Problem

ERA_STARTS = {"令": 2018, "れ": 2018, "r": 2018, "平": 1988, "へ": 1988, "h": 1988,
              "昭": 1925, "し": 1925, "s": 1925}  # fmt: skip


def exact(year: int, month: int, day: int, today: date) -> Value:
    """That very day; "impossible" where there is none, "future" after `today`."""
    try:
        d = date(year, month, day)
    except ValueError:
        return "impossible"
    return d if d <= today else "future"


def era_year(era: str, number: str) -> int:
    """The western year of an era year; 元 is its first."""
    return ERA_STARTS[era[0]] + (1 if number == "元" else int(number))


def short_year(number: int, today: date) -> int:
    """The year behind one or two digits: 26 is 2026, 8 is 令和8年, whichever is nearer."""
    past = [y for y in (2000 + number, ERA_STARTS["令"] + number) if y <= today.year]
    return max(past, default=2000 + number)


def last_month_day(month: int, day: int, today: date) -> Value:
    """The latest such day up to `today`, of this year or the last."""
    values = [exact(year, month, day, today) for year in (today.year, today.year - 1)]
    past = [v for v in values if isinstance(v, date)]
    return past[0] if past else "impossible"


def last_day(day: int, today: date) -> Value:
    """The latest such day of a month up to `today`, looking back over a month without it."""
    for back in range(3):
        first = today.replace(day=1) - relativedelta(months=back)
        value = exact(first.year, first.month, day, today)
        if isinstance(value, date):
            return value
    return "impossible"


def in_month(back: int, day: int, today: date) -> Value:
    """The day of the month `back` months before this one (negative: after)."""
    first = today.replace(day=1) - relativedelta(months=back)
    return exact(first.year, first.month, day, today)


def end_of_month(back: int, today: date) -> Value:
    """The last day of the month `back` months before this one."""
    last = today + relativedelta(months=-back, day=31)
    return last if last <= today else "future"


def last_weekday(weekday: int, today: date) -> date:
    """The latest such weekday (Monday 0) before `today`; today's own is a week ago."""
    return today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)


def weekday_in_week(weekday: int, back: int, today: date) -> Value:
    """That weekday in the week `back` weeks before this one; weeks begin on Monday."""
    monday = today - timedelta(days=today.weekday())
    d = monday + timedelta(days=weekday - 7 * back)
    return d if d <= today else "future"


def nth_weekday(n: int, weekday: int, back: int, today: date) -> Value:
    """The n-th such weekday of the month `back` months before this one."""
    first = today.replace(day=1) - relativedelta(months=back)
    d = first + relativedelta(weekday=day_of_week(weekday, n)) if n else first
    if not n or d.month != first.month:
        return "impossible"
    return d if d <= today else "future"


def ago(number: int, unit: str, today: date) -> Value:
    """`number` days, weeks, months or years (日 週間 か月 年) before `today`."""
    span = {
        "日": relativedelta(days=number),
        "週間": relativedelta(weeks=number),
        "か月": relativedelta(months=number),
        "年": relativedelta(years=number),
    }[unit]
    try:
        return today - span
    except (ValueError, OverflowError):
        return "impossible"
