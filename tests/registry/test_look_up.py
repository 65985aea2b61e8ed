"""The registry's look-ups on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.registration import MailKind, MailStatus, MemberKind
from actions.domain.registry import Registry
from actions.domain.tables import (
    ApplicationRow,
    ClosureRow,
    CutoffRow,
    ImportRow,
    MailRow,
    MemberRow,
)
from bot.database import create_engine, session_factory

AT = datetime(2026, 6, 8, 1, 0, tzinfo=UTC)


def _member(number: str = "012345", **overrides: object) -> MemberRow:
    values = {"number": number, "as_of": AT, "created_at": AT, "updated_at": AT}
    return MemberRow(**(values | overrides))


def test_an_unknown_number_is_nobody(sessions: sessionmaker[Session]) -> None:
    assert Registry(sessions).look_up("012345") is None


def test_a_member_without_applications(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.add(_member(name="見本 一郎", kind="corporate", web_registered_on=date(2026, 5, 1)))
    record = Registry(sessions).look_up("012345")
    assert record is not None
    assert record.registration.kind is MemberKind.corporate
    assert record.registration.web_registered_on == date(2026, 5, 1)
    assert record.registration.applications == ()
    assert record.as_of == AT
    assert record.name == record.registration.name == "見本 一郎"


def test_applications_and_mails_keep_their_order(sessions: sessionmaker[Session]) -> None:
    later = AT + timedelta(days=1)
    with sessions.begin() as session:
        session.add_all([_member(), _member("012346")])
        session.flush()
        for number, position in (("012345", 1), ("012345", 0), ("012346", 0)):
            session.add(
                ApplicationRow(number=number, position=position, applied_at=AT, opened_at=later)
            )
        session.flush()
        for position, kind in enumerate(("confirmation", "acceptance", "acceptance")):
            session.add(
                MailRow(
                    number="012345",
                    application=1,
                    position=position,
                    kind=kind,
                    status="bounced" if position == 1 else "delivered",
                    sent_at=None if position == 1 else later,
                )
            )
    record = Registry(sessions).look_up("012345")
    assert record is not None
    first, second = record.registration.applications
    assert first.mails == ()
    assert [(m.kind, m.status, m.sent_at) for m in second.mails] == [
        (MailKind.confirmation, MailStatus.delivered, later),
        (MailKind.acceptance, MailStatus.bounced, None),
        (MailKind.acceptance, MailStatus.delivered, later),
    ]
    assert second.opened_at == later
    assert second.url_clicked_at is None


def test_a_look_up_is_one_statement(engine: Engine, sessions: sessionmaker[Session]) -> None:
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(str(args[2])[:6]))
    Registry(sessions).look_up("012345")
    assert statements.count("SELECT") == 1


def test_names_and_addresses_stay_out_of_logs(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.add(_member(name="見本 一郎", email="x@example.jp", phone="03-0000-0000"))
    shown = repr(Registry(sessions).look_up("012345"))
    assert "見本" not in shown
    assert "example" not in shown
    assert "03-" not in shown


def test_closures_show_within_seconds(sessions: sessionmaker[Session]) -> None:
    seconds = [0.0]
    registry = Registry(sessions, clock=lambda: seconds[0])
    thursday = date(2026, 8, 13)
    assert registry.calendar().is_business_day(thursday)
    with sessions.begin() as session:
        session.add(ClosureRow(day=thursday, reason="夏季休業"))
    assert registry.calendar().is_business_day(thursday), "read again only after a while"
    seconds[0] = 4
    assert not registry.calendar().is_business_day(thursday)
    assert [(c.day, c.reason) for c in registry.closures()] == [(thursday, "夏季休業")]


def test_cutoff_days_by_month(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.add_all([CutoffRow(month="2026-12", day=14), CutoffRow(month="2026-04", day=16)])
    registry = Registry(sessions)
    assert registry.cutoff_day("2026-12", 15) == 14
    assert registry.cutoff_day("2026-11", 15) == 15
    assert list(registry.cutoffs()) == ["2026-04", "2026-12"]


def test_the_latest_import(sessions: sessionmaker[Session]) -> None:
    registry = Registry(sessions)
    assert registry.latest_import() is None
    with sessions.begin() as session:
        for members in (1, 2):
            session.add(
                ImportRow(
                    started_at=AT,
                    finished_at=AT,
                    as_of=AT,
                    source="x",
                    members=members,
                    applications=0,
                )
            )
            session.flush()
    latest = registry.latest_import()
    assert latest is not None
    assert latest.members == 2
    assert latest.as_of == AT


def test_a_database_that_fails_is_an_error_not_an_unknown_number() -> None:
    engine = create_engine("sqlite:////nonexistent-folder/navi.db")
    with pytest.raises(SQLAlchemyError):
        Registry(session_factory(engine)).look_up("012345")
    engine.dispose()
