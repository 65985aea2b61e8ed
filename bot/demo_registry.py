"""The invented members of demo mode; their dates are counted back from the day of loading.

Load them at each start and at least once a day: a state is only as fresh as its loading.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from actions.domain.calendar import TOKYO, BusinessCalendar, tokyo_date
from actions.domain.registration import MailKind, MailStatus, MemberKind
from actions.domain.tables import ApplicationRow, ClosureRow, MailRow, MemberRow
from bot.lookup.tables import searched

_KIND_LABELS = {MemberKind.individual: "個人", MemberKind.corporate: "法人"}
_UNSENT = {MailStatus.queued, MailStatus.deferred}
_STEP_OF_MAIL = {
    MailKind.confirmation: "applied",
    MailKind.acceptance: "clicked",
    MailKind.opening: "opened",
}


class DemoMember(TypedDict):
    """What the demo page shows of a member; `kind_label` and `situation` are Japanese."""

    number: str
    name: str
    kind: str
    kind_label: str
    situation: str


def demo_members() -> list[DemoMember]:
    """All invented members, among them one whose number the registry does not know."""
    return [
        DemoMember(
            number=entry["number"],
            name=entry["name"],
            kind=entry["kind"],
            kind_label=_KIND_LABELS[MemberKind(entry["kind"])],
            situation=entry["situation"],
        )
        for entry in _entries()
    ]


def demo_numbers_stored(session: Session) -> list[str]:
    """Numbers of invented members in the database; outside demo mode there must be none."""
    stored = select(MemberRow.number).where(MemberRow.demo.is_(True)).order_by(MemberRow.number)
    return list(session.scalars(stored))


def load_demo(session: Session, now: datetime) -> None:
    """Put the invented members into the registry, as their situations say for `now` (instant).

    Their earlier selves are replaced; a number that a real import has taken stays as it is.
    The caller commits.
    """
    calendar = BusinessCalendar(session.scalars(select(ClosureRow.day)))
    for entry in _entries():
        known = session.get(MemberRow, entry["number"])
        if known is not None:
            if not known.demo:
                continue
            session.delete(known)
            session.flush()
        if entry["expected"] != "number_unknown":
            for row in _rows(entry, _Times(now, calendar)):
                session.add(row)
                session.flush()  # one by one: the member before what refers to it
                if isinstance(row, MemberRow):
                    session.add(searched(row))


class _Times:
    """Turns the relative times of the YAML file into instants."""

    def __init__(self, now: datetime, calendar: BusinessCalendar, until: int = 1) -> None:
        self._now = now.astimezone(TOKYO)
        self._today = tokyo_date(now)
        self._calendar = calendar
        self._month = _latest_month(self._today, until)

    @property
    def now(self) -> datetime:
        """The instant of loading."""
        return self._now

    def for_month(self, until: int) -> "_Times":
        """The same for an application of the latest month whose day `until` is past."""
        return _Times(self._now, self._calendar, until)

    def instant(self, when: Mapping[str, Any] | None) -> datetime | None:
        """The instant of one entry; None stays None."""
        if when is None:
            return None
        if "minutes" in when:
            # Still today, even right after midnight: yesterday would be a business day more.
            midnight = datetime.combine(self._today, time(), TOKYO)
            return max(self._now - timedelta(minutes=when["minutes"]), midnight)
        in_month = self._month + timedelta(days=when.get("day", 1) - 1)
        day = in_month if "day" in when else self.day(when["ago"])
        return datetime.combine(day, time.fromisoformat(when["at"]), TOKYO)

    def day(self, ago: int) -> date:
        """The latest day since which `ago` business days have passed."""
        day = self._today
        while self._calendar.business_days_elapsed(day, self._today) < ago:
            day -= timedelta(days=1)
        return day


def _latest_month(today: date, until: int) -> date:
    """The first of the latest month whose day `until` lies before `today`.

    Days run on into the next month: day 41 is the tenth or so of the month after.
    """
    first = today.replace(day=1)
    while first + timedelta(days=until - 1) >= today:
        first = (first - timedelta(days=1)).replace(day=1)
    return first


def _rows(entry: Mapping[str, Any], times: _Times) -> list[MemberRow | ApplicationRow | MailRow]:
    number, registered = entry["number"], entry.get("web_registered")
    rows: list[MemberRow | ApplicationRow | MailRow] = [
        MemberRow(
            number=number,
            kind=entry["kind"],
            name=entry["name"],
            kana=entry["kana"],
            email=entry.get("email", f"demo-{number}@example.jp"),
            phone=entry.get("phone", f"03-0000-{number[-4:]}"),
            web_registered_on=times.day(registered["ago"]) if registered else None,
            as_of=times.now,
            demo=True,
            created_at=times.now,
            updated_at=times.now,
        )
    ]
    for position, application in enumerate(entry.get("applications", ())):
        month = application.get("month")
        own = times.for_month(month["until"]) if month else times
        steps = {s: own.instant(application.get(s)) for s in ("applied", "clicked", "opened")}
        rows.append(
            ApplicationRow(
                number=number,
                position=position,
                applied_at=steps["applied"],
                url_clicked_at=steps["clicked"],
                opened_at=steps["opened"],
            )
        )
        rows += _mails(number, position, application["mails"], steps)
    return rows


def _mails(
    number: str,
    application: int,
    mails: Mapping[str, str | list[str]],
    steps: Mapping[str, datetime | None],
) -> list[MailRow]:
    rows: list[MailRow] = []
    for kind, said in mails.items():
        step = steps[_STEP_OF_MAIL[MailKind(kind)]]
        for again, status in enumerate([said] if isinstance(said, str) else said):
            sent_at = step + timedelta(minutes=1 + 30 * again) if step else None
            rows.append(
                MailRow(
                    number=number,
                    application=application,
                    position=len(rows),
                    kind=kind,
                    status=status,
                    sent_at=None if MailStatus(status) in _UNSENT else sent_at,
                )
            )
    return rows


@cache
def _entries() -> list[dict[str, Any]]:
    text = Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")
    entries: list[dict[str, Any]] = yaml.safe_load(text)
    return entries
