"""Business days of the office (spec/outcomes.md, "Business days")."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

TOKYO = ZoneInfo("Asia/Tokyo")
_DAY = timedelta(days=1)
_SATURDAY = 5


def tokyo_date(instant: datetime) -> date:
    """The civil date in Asia/Tokyo on which `instant` falls.

    Raises ValueError for a datetime without a time zone: guessing one would move
    every event around midnight to another day.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(TOKYO).date()


class BusinessCalendar:
    """Which days the office works; `closures` are its own closed days (civil dates)."""

    def __init__(self, closures: Iterable[date] = ()) -> None:
        self._closures = frozenset(closures)

    def is_business_day(self, d: date) -> bool:
        """False on weekends, national holidays, 29 Dec - 3 Jan and the office's closures."""
        return not (d.weekday() >= _SATURDAY or self.is_closed_day(d))

    def is_closed_day(self, d: date) -> bool:
        """True on national holidays, 29 Dec - 3 Jan and the office's closures, whatever weekday."""
        return _is_year_end(d) or d in self._closures or d in _national_holidays(d.year)

    def add_business_days(self, d: date, n: int) -> date:
        """The `n`-th business day strictly after `d`; raises ValueError for n < 1."""
        if n < 1:
            raise ValueError("n must be at least 1")
        day = d
        while n:
            day += _DAY
            n -= self.is_business_day(day)
        return day

    def business_days_elapsed(self, start: date, today: date) -> int:
        """How many business days x have `start < x <= today`; 0 where start is not past."""
        span = (today - start).days
        return sum(self.is_business_day(start + _DAY * i) for i in range(1, span + 1))


def _is_year_end(d: date) -> bool:
    return (d.month, d.day) >= (12, 29) or (d.month, d.day) <= (1, 3)


@lru_cache(maxsize=256)
def _national_holidays(year: int) -> frozenset[date]:
    # One finished set a year: the library's own object fills itself while it is being
    # read, which two threads at once may see half done. Substitute and citizens'
    # holidays are in it.
    return frozenset(holidays.country_holidays("JP", years=year))
