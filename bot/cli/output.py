"""What commands share: values from the command line, and how answers are printed.

Errors and help are English (for operators), answers Japanese (for support staff) or JSON
(for programs and tests).
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import typer

if TYPE_CHECKING:
    from actions.domain.procedure import Advice

TOKYO = ZoneInfo("Asia/Tokyo")
_WEEKDAYS = "月火水木金土日"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class CommandError(Exception):
    """A command cannot do what was asked; the message is one sentence, exit code 1."""


def a_date(value: str) -> date:
    """A civil date YYYY-MM-DD of the command line."""
    if _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise typer.BadParameter(f"{value!r} is not a date (YYYY-MM-DD)")


def an_instant(value: str) -> datetime:
    """An ISO 8601 time of the command line; without an offset it is Japan time."""
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        parsed = None
    if parsed is None or _DATE.fullmatch(value):
        raise typer.BadParameter(f"{value!r} is not a time (2026-06-10T13:00:00+09:00)")
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=TOKYO)


def a_number(value: str) -> str:
    """A registration number of the command line."""
    if re.fullmatch(r"[0-9]{6}", value):
        return value
    raise typer.BadParameter(f"{value!r} is not a registration number (6 digits)")


def a_month(value: str) -> str:
    """A month YYYY-MM of the command line."""
    if re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", value):
        return value
    raise typer.BadParameter(f"{value!r} is not a month (YYYY-MM)")


def now() -> datetime:
    """The instant now, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The civil date now in Asia/Tokyo."""
    return datetime.now(TOKYO).date()


def emit(as_json: bool, data: Mapping[str, Any], text: str) -> None:
    """Print an answer: one line of JSON, or the text."""
    print(json.dumps(data, ensure_ascii=False) if as_json else text)


def day(value: date | None) -> str:
    """A date with its weekday: 2026年6月11日（木）; None is 不明."""
    if value is None:
        return "不明"
    return f"{value.year}年{value.month}月{value.day}日（{_WEEKDAYS[value.weekday()]}）"


def moment(value: datetime | None) -> str:
    """An instant in Japan time to the minute; None is ―."""
    if value is None:
        return "―"
    local = value.astimezone(TOKYO)
    return f"{day(local.date())}{local:%H:%M}"


@cache
def words() -> Any:
    """The Japanese of the commands (words.yml)."""
    import yaml

    return yaml.safe_load(Path(__file__).with_name("words.yml").read_text(encoding="utf-8"))


def advice_text(advice: "Advice") -> str:
    """A decision in words for support staff."""
    w = words()["advice"]
    outcome = w["outcomes"][advice.outcome.value]
    lines = [f"{outcome['label']}（{advice.outcome.value}）", outcome["next"]]
    dates = {
        "applied_on": advice.applied_on,
        "accepted_on": advice.accepted_on,
        "earliest_date": advice.earliest_date,
    }
    lines += [f"{w[name]}：{day(value)}" for name, value in dates.items() if value]
    if advice.business_days_elapsed is not None:
        lines.append(f"{w['business_days_elapsed']}：{advice.business_days_elapsed}")
    if advice.later_than_earliest:
        lines.append(w["later_than_earliest"])
    lines += [w["notes"][str(note)] for note in sorted(advice.notes) if str(note) in w["notes"]]
    if advice.handover:
        lines.append(w["handover"])
    return "\n".join(lines)
