"""Office hours in the database. Each method is one transaction."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.registry import Registry
from bot.database import reading
from bot.handover.hours import DEFAULT_WEEK, OfficeHours, Shift, SpecialDay
from bot.store.handover_tables import ShiftRow, SpecialDayRow, SpecialShiftRow

_SECONDS_REMEMBERED = 3.0


class HoursStore:
    """Reads and sets the hours; a change shows within seconds in every process."""

    def __init__(self, sessions: sessionmaker[Session], registry: Registry) -> None:
        self._sessions = sessions
        self._registry = registry
        self._hours: OfficeHours | None = None
        self._read_at = 0.0

    def hours(self) -> OfficeHours:
        """The hours that hold now; the default week where none was set."""
        if self._hours is None or time.monotonic() - self._read_at >= _SECONDS_REMEMBERED:
            self._hours, self._read_at = self._read(), time.monotonic()
        return self._hours

    def set_week(self, week: Mapping[int, Sequence[Shift]]) -> None:
        """The times of the whole week; a week without any time is the default again."""
        with self._sessions.begin() as session:
            session.execute(delete(ShiftRow))
            session.add_all(
                ShiftRow(weekday=weekday, opens=shift.opens, closes=shift.closes)
                for weekday, shifts in week.items()
                for shift in shifts
            )
        self._hours = None

    def set_special(self, special: SpecialDay) -> None:
        """A day with its own times, or without any."""
        with self._sessions.begin() as session:
            session.execute(delete(SpecialShiftRow).where(SpecialShiftRow.day == special.day))
            session.merge(SpecialDayRow(day=special.day, reason=special.reason))
            session.flush()
            session.add_all(
                SpecialShiftRow(day=special.day, opens=shift.opens, closes=shift.closes)
                for shift in special.shifts
            )
        self._hours = None

    def remove_special(self, day: date) -> bool:
        """An ordinary day again; False where it was one."""
        with self._sessions.begin() as session:
            session.execute(delete(SpecialShiftRow).where(SpecialShiftRow.day == day))
            row = session.get(SpecialDayRow, day)
            if row is not None:
                session.delete(row)
        self._hours = None
        return row is not None

    def _read(self) -> OfficeHours:
        week: dict[int, list[Shift]] = defaultdict(list)
        own: dict[date, list[Shift]] = defaultdict(list)
        with reading(self._sessions) as session:
            for row in session.scalars(select(ShiftRow)):
                week[row.weekday].append(Shift(row.opens, row.closes))
            for special in session.scalars(select(SpecialShiftRow)):
                own[special.day].append(Shift(special.opens, special.closes))
            days = {
                row.day: SpecialDay(row.day, tuple(sorted(own[row.day])), row.reason)
                for row in session.scalars(select(SpecialDayRow))
            }
        calendar = self._registry.calendar()
        if not week:
            return OfficeHours(dict(DEFAULT_WEEK), days, calendar)
        times = {weekday: tuple(sorted(shifts)) for weekday, shifts in week.items()}
        return OfficeHours(times, days, calendar, is_default=False)
