"""The invented members keep their situations on every day of the year."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.billing import billing_view
from actions.domain.calendar import TOKYO, BusinessCalendar, tokyo_date
from actions.domain.procedure import Outcome, advise_from_registry
from actions.domain.registry import Registry
from actions.domain.tables import ClosureRow, MemberRow
from bot.demo_registry import _entries, demo_members, demo_numbers_stored, load_demo

CLAIMS_ONLY = {Outcome.wait_acceptance, Outcome.redo, Outcome.mail_missing}
# Ordinary days, year's end, holidays in a row, the days around the cut-off and the 27th,
# and the minutes after and before midnight in Japan.
MOMENTS = [
    datetime(2026, 6, 10, 13, 0, tzinfo=TOKYO),
    datetime(2026, 5, 5, 0, 3, tzinfo=TOKYO),
    datetime(2026, 12, 31, 23, 59, tzinfo=TOKYO),
    datetime(2027, 1, 4, 0, 0, tzinfo=TOKYO),
    datetime(2028, 2, 29, 9, 0, tzinfo=TOKYO),
    datetime(2026, 9, 23, 8, 0, tzinfo=TOKYO),
    *(datetime(2026, 3, day, 7, 30, tzinfo=TOKYO) for day in (1, 2, 14, 15, 18, 25, 28, 31)),
    datetime(2026, 6, 9, 15, 1, tzinfo=UTC),
]


def test_every_situation_is_what_it_says(sessions: sessionmaker[Session]) -> None:
    for now in MOMENTS:
        with sessions.begin() as session:
            load_demo(session, now)
        registry = Registry(sessions)
        for entry in _entries():
            _is_what_it_says(registry, entry, now)
        _bills_are_what_they_say(registry)


def _is_what_it_says(registry: Registry, entry: dict[str, Any], now: datetime) -> None:
    record, told = registry.look_up(entry["number"]), (entry["number"], str(now))
    known = record.registration if record else None
    advice = advise_from_registry(known, now, registry.calendar())
    assert advice.outcome == entry["expected"], told
    assert advice.later_than_earliest == entry.get("later_than_earliest", False), told
    if record is None:
        return
    assert record.demo
    assert record.as_of == now
    for application in record.registration.applications:
        steps = (
            application.applied_at,
            application.url_clicked_at,
            application.opened_at,
            now,
        )
        taken = [step for step in steps if step]
        assert taken == sorted(taken), told


def _bills_are_what_they_say(registry: Registry) -> None:
    def view(number: str) -> tuple[bool, bool, bool]:
        record = registry.look_up(number)
        application = record.registration.application_that_counts() if record else None
        assert application is not None
        assert application.url_clicked_at is not None
        billing = billing_view(
            tokyo_date(application.applied_at),
            clicked_on=tokyo_date(application.url_clicked_at),
        )
        return billing.zero_month is not None, bool(billing.no_bill_mail_about), billing.approximate

    assert view("000117") == (True, False, False), "after the 25th: no mail"
    assert view("000118") == (False, False, True), "clicked after the cut-off"
    assert view("000119") == (True, True, False), "after the cut-off"


def test_there_is_one_for_every_outcome() -> None:
    assert {entry["expected"] for entry in _entries()} == set(Outcome) - CLAIMS_ONLY
    assert len({entry["number"] for entry in _entries()}) == len(_entries()) >= 20


def test_the_page_gets_what_it_shows() -> None:
    members = demo_members()
    assert all(set(m) == {"number", "name", "kind", "kind_label", "situation"} for m in members)
    corporate = [m for m in members if m["kind"] == "corporate"]
    assert [m["kind_label"] for m in corporate] == ["法人"]


def test_loading_again_moves_the_dates(sessions: sessionmaker[Session]) -> None:
    now = datetime(2026, 6, 10, 13, 0, tzinfo=TOKYO)
    for moment in (now, now + timedelta(days=40)):
        with sessions.begin() as session:
            load_demo(session, moment)
    record = Registry(sessions).look_up("000111")
    assert record is not None
    assert record.as_of == now + timedelta(days=40)
    assert len(record.registration.applications) == 1


def test_closures_are_counted(sessions: sessionmaker[Session]) -> None:
    now = datetime(2026, 8, 17, 9, 0, tzinfo=TOKYO)
    closed = [date(2026, 8, 12), date(2026, 8, 13), date(2026, 8, 14)]
    with sessions.begin() as session:
        session.add_all(ClosureRow(day=day) for day in closed)
    with sessions.begin() as session:
        load_demo(session, now)
    record = Registry(sessions).look_up("000111")
    assert record is not None
    application = record.registration.applications[0]
    calendar = BusinessCalendar(closed)
    elapsed = calendar.business_days_elapsed(tokyo_date(application.applied_at), tokyo_date(now))
    assert elapsed == 6


def test_imported_members_are_never_touched(sessions: sessionmaker[Session]) -> None:
    at = datetime(2026, 6, 1, tzinfo=UTC)
    taken = [("000111", "a demo number that an import took"), ("123456", "another")]
    with sessions.begin() as session:
        for number, name in taken:
            session.add(MemberRow(number=number, name=name, as_of=at, created_at=at, updated_at=at))
    with sessions.begin() as session:
        load_demo(session, datetime(2026, 6, 10, 13, 0, tzinfo=TOKYO))
    with sessions() as session:
        assert {
            row.number: row.name
            for row in session.scalars(select(MemberRow).where(MemberRow.demo.is_(False)))
        } == dict(taken)
        stored = demo_numbers_stored(session)
    assert "000111" not in stored
    assert "000112" in stored
