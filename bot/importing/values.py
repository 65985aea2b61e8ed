"""Single values of an import, read strictly: a wrong guess would be a wrong answer later.

Every function raises BadValue with a reason for operators. Reasons quote numbers, dates and
codes, never names or addresses.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from actions.domain.calendar import TOKYO
from actions.domain.registration import MailKind, MailStatus, MemberKind

E = TypeVar("E", bound=StrEnum)

_NUMBER = re.compile(r"[0-9]{6}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})"
)
_SHEET_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_SHEET_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_UNSTORABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_YEARS = range(1990, 2101)

MEMBER_KINDS = {"individual": MemberKind.individual, "corporate": MemberKind.corporate}
MAIL_KINDS = {kind.value: kind for kind in MailKind}
MAIL_STATUSES = {status.value: status for status in MailStatus}


class BadValue(ValueError):
    """A value that cannot be used; the message is the reason."""


def number(value: object, key: str = "number") -> str:
    """A registration number: a text of six digits, leading zeros included."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return value
    lost = str(value).isdigit() and len(str(value)) < 6
    hint = "; were leading zeros lost?" if lost else ""
    raise BadValue(f"{key}: {_quote(value)} is not a text of 6 digits{hint}")


def civil_date(value: object, key: str) -> date | None:
    """A civil date YYYY-MM-DD (Asia/Tokyo), or None."""
    if value is None:
        return None
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return _plausible(date.fromisoformat(value), value, key)
        except ValueError as error:
            if isinstance(error, BadValue):
                raise
    raise BadValue(f"{key}: {_quote(value)} is not a date (YYYY-MM-DD)")


def instant(value: object, key: str) -> datetime | None:
    """An ISO 8601 instant with its offset, or None."""
    if value is None:
        return None
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            return _plausible(datetime.fromisoformat(value), value, key)
        except ValueError as error:
            if isinstance(error, BadValue):
                raise
    raise BadValue(
        f"{key}: {_quote(value)} is not a time with its offset (2026-06-08T10:00:00+09:00)"
    )


def choice(value: object, key: str, allowed: Mapping[str, E]) -> E:
    """One of the `allowed` words."""
    found = allowed.get(value) if isinstance(value, str) else None
    if found is None:
        raise BadValue(f"{key}: {_quote(value)} is none of {', '.join(allowed)}")
    return found


def text(value: object, key: str, longest: int) -> str:
    """A text without line breaks and control characters; None gives an empty one."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadValue(f"{key}: a text is needed")
    stripped = value.strip()
    if len(stripped) > longest:
        raise BadValue(f"{key}: {len(stripped)} characters, {longest} are allowed")
    if _UNSTORABLE.search(stripped):
        raise BadValue(f"{key}: has a line break or a control character")
    return stripped


def sheet_cell(value: str) -> str:
    """A spreadsheet's cell for comparing: full-width letters and digits made plain."""
    return unicodedata.normalize("NFKC", value).strip()


def sheet_date(value: str, key: str) -> date | None:
    """A date as spreadsheets write it: 2026-04-28, 2026/4/28, 2026年4月28日; empty: None."""
    cell = sheet_cell(value)
    if not cell:
        return None
    found = _SHEET_DATE.fullmatch(cell)
    if found:
        year, month, day = map(int, found.groups())
        try:
            return _plausible(date(year, month, day), cell, key)
        except ValueError as error:
            if isinstance(error, BadValue):
                raise
    raise BadValue(f"{key}: {_quote(cell)} is not a date (2026-04-28 or 2026/4/28)")


def sheet_instant(value: str, key: str) -> datetime | None:
    """A time as spreadsheets write it (2026/4/28 8:10), in Japan time; or ISO with offset.

    A bare date is refused: the day alone does not say whether the office's rules count it.
    """
    cell = sheet_cell(value)
    if not cell:
        return None
    if _INSTANT.fullmatch(cell):
        return instant(cell, key)
    day, _, clock = cell.replace("T", " ").partition(" ")
    found = _SHEET_TIME.fullmatch(clock.strip())
    if found and _SHEET_DATE.fullmatch(day):
        on = sheet_date(day, key)
        hour, minute, second = (int(part or 0) for part in found.groups())
        if on and hour < 24 and minute < 60 and second < 60:
            return datetime(on.year, on.month, on.day, hour, minute, second, tzinfo=TOKYO)
    raise BadValue(f"{key}: {_quote(cell)} is not a date with a time (2026/4/28 8:10)")


D = TypeVar("D", bound=date)


def _plausible(value: D, written: str, key: str) -> D:
    if value.year not in _YEARS:
        raise BadValue(f"{key}: {_quote(written)} is not a plausible year")
    return value


def _quote(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 40 else shown[:39] + "…"
