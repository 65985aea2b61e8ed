"""The desk's words (bot/wording: handover.yml, staff_desk.yml), and how times are said."""

from datetime import date, datetime
from typing import Any

from actions.domain.calendar import tokyo_date
from actions.domain.japanese import TOKYO, say_date
from bot.handover.hours import OfficeHours
from bot.wording import handover_words


def said(key: str, **values: str) -> str:
    """A sentence of the file; `key` may be `part.name`."""
    found: Any = handover_words()
    for part in key.split("."):
        found = found[part]
    return str(found).format(**values).strip()


def known(part: str, key: str | None) -> str | None:
    """A label of `part`; None where the key has none."""
    label = handover_words()[part].get(key or "")
    return str(label) if label else None


def say_time(minutes: int) -> str:
    """Minutes since midnight as 9時 or 13時30分."""
    hour, minute = divmod(minutes, 60)
    times = handover_words()["times"]
    return str(times["minute" if minute else "hour"]).format(hour=hour, minute=minute)


def say_moment(instant: datetime, today: date | None = None) -> str:
    """An aware instant as 11月24日（火）9時 in Tokyo."""
    local = instant.astimezone(TOKYO)
    return say_date(local.date(), today) + say_time(local.hour * 60 + local.minute)


def undelivered(delivery: str | None) -> bool:
    """Whether the words have not reached the member, as far as is known."""
    return delivery in set(handover_words()["undelivered"])


def say_office(hours: OfficeHours, now: datetime) -> str:
    """Whether the office is open, until when or from when."""
    closing = hours.closing(now)
    if closing is not None:
        # The end of a day is its 24th hour, not the next day's first.
        local, start = closing.astimezone(TOKYO), now.astimezone(TOKYO)
        minutes = local.hour * 60 + local.minute
        line = said(
            "office.open", closes=say_time(minutes if local.date() == start.date() else 1440)
        )
    elif (opens := hours.next_opening(now)) is not None:
        line = said("office.closed", opens=say_moment(opens, tokyo_date(now)))
    else:
        line = said("office.never")
    return line + (said("office.default") if hours.is_default else "")
