"""The audit trail: every look-up, nothing else, for ever (three years)."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.registry import Registry
from actions.handlers.desk import RegistryUnavailable
from bot.audit import Audit, AuditEvent
from bot.clock import utc_now
from bot.database import reading
from bot.desk import AppDesk
from bot.identity.site_token import VerifiedMember
from bot.store.identity_tables import AuditRow
from bot.store.journal import Journal
from bot.wording import OfficeWords
from tests.desks import NOBODY
from tests.identity.conftest import Clock, Office

_MEMBER = VerifiedMember("100001", "jti-1", utc_now())


@pytest.fixture
def desk(office: Office) -> AppDesk:
    """The handlers' desk over the office's parts."""
    return AppDesk(
        Journal(office.sessions).find,
        Registry(office.sessions),
        office.settings,
        OfficeWords.of(office.settings),
        office.clock,
        office.identity.port,
        office.identity.audit,
        NOBODY,
    )


async def test_every_look_up_is_noted(office: Office, desk: AppDesk) -> None:
    conversation = (await office.pipe.start("web", _MEMBER)).conversation
    speaker = await desk.speaker(conversation.dialogue_id)
    assert (speaker.number, speaker.path) == ("100001", "site")
    for _ in range(2):
        assert (await desk.look_up(speaker)).record is not None
    with reading(office.sessions) as session:
        rows = session.scalars(select(AuditRow)).all()
    assert [(r.event, r.identity_path, r.number, r.conversation_id, r.at) for r in rows] == [
        ("look_up", "site", "100001", conversation.id, office.clock.now)
    ] * 2


async def test_what_cannot_be_noted_is_not_told(
    office: Office, desk: AppDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = (await office.pipe.start("web", _MEMBER)).conversation
    speaker = await desk.speaker(conversation.id)

    def broken(*_: object) -> None:
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr(office.identity.audit, "note", broken)
    with pytest.raises(RegistryUnavailable):
        await desk.look_up(speaker)


async def test_proof_by_mail_ends_for_the_handlers_too(office: Office, desk: AppDesk) -> None:
    guest = await office.guest()
    await office.says(guest, "100001")
    await office.says(guest, office.mailed_code())
    assert (await desk.speaker(guest.id)).number == "100001"
    office.clock.turn(minutes=61)
    assert (await desk.speaker(guest.id)).number is None


def test_rows_cannot_be_changed_or_deleted(sessions: sessionmaker[Session]) -> None:
    audit, now = Audit(sessions), utc_now()
    audit.note(AuditEvent.look_up, "site", "100001", "c", now)
    audit.note(AuditEvent.look_up, "site", "100002", "c", now - timedelta(days=364))
    for statement in (
        update(AuditRow).values(number="999999"),
        delete(AuditRow),
        text("UPDATE audit SET event = 'x'"),
        text("DELETE FROM audit"),
    ):
        with pytest.raises(DatabaseError, match="append-only"), sessions.begin() as session:
            session.execute(statement)


def test_old_rows_are_deleted_after_their_time(
    sessions: sessionmaker[Session], clock: Clock
) -> None:
    audit, now = Audit(sessions), utc_now()
    audit.note(AuditEvent.look_up, "site", "100001", "c", now - timedelta(days=1100))
    audit.note(AuditEvent.look_up, "site", "100002", "c", now)
    assert audit.forget(now - timedelta(days=1095)) == 1
    assert audit.forget(now - timedelta(days=1095)) == 0
