"""How dates and months are said to a member."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")
_WEEKDAYS = "月火水木金土日"


def say_date(day: date, today: date | None = None) -> str:
    """1月6日（水）; with the year where it is not the year of `today`."""
    year = f"{day.year}年" if today is not None and day.year != today.year else ""
    return f"{year}{day.month}月{day.day}日（{_WEEKDAYS[day.weekday()]}）"


def say_day(day: date) -> str:
    """1月6日, for days that are only approximate."""
    return f"{day.month}月{day.day}日"


def say_month(month: str, today: date) -> str:
    """ "2027-01" as 2027年1月 (1月 in the year of `today`)."""
    year, number = month.split("-")
    return f"{int(number)}月" if int(year) == today.year else f"{year}年{int(number)}月"


def say_instant(instant: datetime) -> str:
    """An aware instant as 11月22日21時 in Tokyo."""
    local = instant.astimezone(TOKYO)
    return f"{local.month}月{local.day}日{local.hour}時"
