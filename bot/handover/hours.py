"""Office hours as rules over data. Pure; minutes are since midnight in Asia/Tokyo.

A special day's own times beat everything. Else national holidays, the year's end and the office's
closures are closed, and any other day has the times of its weekday: a Saturday morning is possible.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from actions.domain.calendar import TOKYO, BusinessCalendar

MIDNIGHT = 24 * 60
_FURTHEST_DAYS = 60


@dataclass(frozen=True, order=True)
class Shift:
    """From `opens` (inclusive) to `closes` (exclusive)."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        """Raises ValueError for times that no day has."""
        if not 0 <= self.opens < self.closes <= MIDNIGHT:
            raise ValueError("a shift opens before it closes, within one day")


@dataclass(frozen=True)
class SpecialDay:
    """A day with its own times; without shifts it is closed."""

    day: date
    shifts: tuple[Shift, ...] = ()
    reason: str = ""


DEFAULT_WEEK: Mapping[int, tuple[Shift, ...]] = {
    weekday: (Shift(9 * 60, 17 * 60),) for weekday in range(5)
}


@dataclass(frozen=True)
class OfficeHours:
    """Weekly shifts by weekday (0 is Monday), special days, and the business calendar.

    `is_default` says that nobody has set them yet.
    """

    week: Mapping[int, tuple[Shift, ...]] = field(default_factory=lambda: dict(DEFAULT_WEEK))
    special: Mapping[date, SpecialDay] = field(default_factory=dict)
    calendar: BusinessCalendar = field(default_factory=BusinessCalendar)
    is_default: bool = True

    def shifts(self, day: date) -> tuple[Shift, ...]:
        """The opening times of a civil date, in their order."""
        if day in self.special:
            return tuple(sorted(self.special[day].shifts))
        if self.calendar.is_closed_day(day):
            return ()
        return tuple(sorted(self.week.get(day.weekday(), ())))

    def is_open(self, now: datetime) -> bool:
        """Whether the office is open at an aware instant."""
        return self.closing(now) is not None

    def closing(self, now: datetime) -> datetime | None:
        """When the present shift ends (touching shifts are one); None where it is closed now."""
        day, minute = _local(now)
        end: int | None = None
        for shift in self.shifts(day):
            if shift.opens <= minute < shift.closes:
                end = shift.closes
            elif end is not None and shift.opens <= end:
                end = max(end, shift.closes)
        return None if end is None else _instant(day, end)

    def next_opening(self, now: datetime) -> datetime | None:
        """The first opening after `now`; now itself where it is open; None within two months."""
        if self.is_open(now):
            return now
        today, minute = _local(now)
        for ahead in range(_FURTHEST_DAYS):
            day = today + timedelta(days=ahead)
            for shift in self.shifts(day):
                if ahead or shift.opens > minute:
                    return _instant(day, shift.opens)
        return None


def read_shifts(text: str) -> tuple[Shift, ...]:
    """「9:00-12:00,13:00-17:00」 as shifts; 「休」, 「closed」 or nothing is none.

    Raises ValueError for anything else, and for shifts that overlap.
    """
    plain = text.strip().translate(
        str.maketrans("０１２３４５６７８９：〜～－ー、", "0123456789:----,")
    )
    if plain in ("", "休", "休み", "closed"):
        return ()
    shifts = sorted(_read_shift(part) for part in plain.split(","))
    for one, other in pairwise(shifts):
        if other.opens < one.closes:
            raise ValueError("shifts overlap")
    return tuple(shifts)


def write_shifts(shifts: Sequence[Shift]) -> str:
    """The reverse of `read_shifts`: 9:00-12:00,13:00-17:00."""
    return ",".join(f"{_clock(s.opens)}-{_clock(s.closes)}" for s in sorted(shifts))


def _read_shift(text: str) -> Shift:
    opens, dash, closes = text.strip().partition("-")
    if not dash:
        raise ValueError("a shift is written 9:00-12:00")
    return Shift(_minutes(opens), _minutes(closes))


def _minutes(text: str) -> int:
    hours, colon, minutes = text.strip().partition(":")
    if not hours.isdigit() or (colon and not (minutes.isdigit() and len(minutes) == 2)):
        raise ValueError("a time is written 9:00")
    if colon and int(minutes) > 59:
        raise ValueError("a time is written 9:00")
    return int(hours) * 60 + int(minutes or 0)


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"


def _local(now: datetime) -> tuple[date, float]:
    if now.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    local = now.astimezone(TOKYO)
    seconds = local.hour * 3600 + local.minute * 60 + local.second + local.microsecond / 1e6
    return local.date(), seconds / 60


def _instant(day: date, minute: int) -> datetime:
    midnight = datetime.combine(day, time(), TOKYO)
    return (midnight + timedelta(minutes=minute)).astimezone(UTC)
