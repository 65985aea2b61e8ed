"""The end of a call: the text to keep or to send, the day on which to come back. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from actions.domain.calendar import BusinessCalendar
from actions.domain.japanese import say_date
from bot.script.words import letter, words

_BUSINESS_DAYS = (1, 2, 5)


@dataclass(frozen=True)
class FollowUp:
    """A day to come back on; `value` is its ISO form, "" for none."""

    label: str
    value: str


@dataclass(frozen=True)
class Ending:
    """What the end of a call is filled in with; `advised` where somebody promised to come back."""

    text: str = field(repr=False)
    follow_ups: tuple[FollowUp, ...]
    follow_up_on: str
    advised: bool


def ending(
    outcome: str | None,
    facts: Mapping[str, Any],
    today: date,
    calendar: BusinessCalendar,
    agreed: str = "",
    follow_up_on: date | None = None,
) -> Ending:
    """Fill in what the call came to. What was kept before (a paused call) stays.

    An outcome that the office has to act on suggests the next business day.
    """
    told = facts.get("earliest_date")
    earliest = date.fromisoformat(told) if told else None
    said = say_date(earliest, today) if earliest else ""
    handover = bool(facts.get("handover"))
    chosen = follow_up_on or (calendar.add_business_days(today, 1) if handover else None)
    return Ending(
        text=agreed or letter(outcome, said, earliest is not None and today > earliest),
        follow_ups=tuple(_follow_ups(today, calendar)),
        follow_up_on=chosen.isoformat() if chosen else "",
        advised=handover,
    )


def _follow_ups(today: date, calendar: BusinessCalendar) -> list[FollowUp]:
    labels: dict[str, str] = words()["follow_ups"]
    offered = [FollowUp(str(labels["none"]), "")]
    for days in _BUSINESS_DAYS:
        day = calendar.add_business_days(today, days)
        label = f"{labels[str(days)]}　{say_date(day, today)}"
        offered.append(FollowUp(label, day.isoformat()))
    return offered
