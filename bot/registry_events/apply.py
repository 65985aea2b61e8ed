"""Reported events into the registry, whatever their order.

Each fact keeps what makes order harmless: a first time is the earliest one reported, a mail's
status is the one with the latest instant of its own.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions.domain.calendar import tokyo_date
from actions.domain.registration import MailKind, MailStatus
from actions.domain.tables import ApplicationRow, MailRow, MemberRow
from bot.lookup.tables import searched
from bot.registry_events.schema import Event, EventKind

_STATUS = {
    EventKind.mail_queued: MailStatus.queued,
    EventKind.mail_delivered: MailStatus.delivered,
    EventKind.mail_bounced: MailStatus.bounced,
}
# At the same instant the later stage counts.
_RANK = {
    MailStatus.queued: 0,
    MailStatus.deferred: 1,
    MailStatus.delivered: 2,
    MailStatus.bounced: 3,
}
_CHUNK = 400  # numbers in one IN (…)


class MemberStates:
    """The members that some events are about, read at once, changed in memory, written once."""

    def __init__(self, session: Session, numbers: Iterable[str]) -> None:
        self._session = session
        self._members: dict[str, MemberRow] = {}
        self._applications: dict[str, list[ApplicationRow]] = defaultdict(list)
        self._mails: dict[tuple[str, int], list[MailRow]] = defaultdict(list)
        # Rows are added in this order: what is referred to before what refers to it.
        self._new: tuple[list[MemberRow], list[ApplicationRow], list[MailRow]] = ([], [], [])
        wanted = sorted(set(numbers))
        for start in range(0, len(wanted), _CHUNK):
            self._read(wanted[start : start + _CHUNK])

    def apply(self, events: Iterable[Event], now: datetime) -> None:
        """Take the events; the caller commits."""
        for event in events:
            self._apply(event, now)
        members, _, _ = self._new
        new = [searched(member) for member in members]
        for rows in (*self._new, new):
            self._session.add_all(rows)
            self._session.flush()
            rows.clear()

    def _read(self, numbers: list[str]) -> None:
        # In one order everywhere, so that two reports wait for each other and never lock up.
        members = select(MemberRow).where(MemberRow.number.in_(numbers)).order_by(MemberRow.number)
        for member in self._session.scalars(members.with_for_update()):
            self._members[member.number] = member
        applications = select(ApplicationRow).where(ApplicationRow.number.in_(numbers))
        for application in self._session.scalars(applications):
            self._applications[application.number].append(application)
        for mail in self._session.scalars(select(MailRow).where(MailRow.number.in_(numbers))):
            self._mails[mail.number, mail.application].append(mail)

    def _apply(self, event: Event, now: datetime) -> None:
        member = self._member(event, now)
        if event.kind is EventKind.web_registered:
            day = tokyo_date(event.at)
            known = member.web_registered_on
            member.web_registered_on = min(known, day) if known else day
            return
        assert event.applied_at is not None
        application = self._application(event.number, event.applied_at)
        if event.kind is EventKind.url_clicked:
            application.url_clicked_at = _earliest(application.url_clicked_at, event.at)
        elif event.kind is EventKind.opened:
            application.opened_at = _earliest(application.opened_at, event.at)
        elif event.mail is not None:
            self._take_mail(application, event.mail, _STATUS[event.kind], event.at)

    def _member(self, event: Event, now: datetime) -> MemberRow:
        member = self._members.get(event.number)
        if member is None:
            member = MemberRow(
                number=event.number,
                name="",
                kana="",
                email="",
                as_of=event.at,
                demo=False,
                created_at=now,
                updated_at=now,
            )
            self._members[event.number] = member
            self._new[0].append(member)
        member.as_of = max(member.as_of, event.at)
        member.updated_at = now
        if event.member_kind is not None:
            member.kind = event.member_kind.value
        return member

    def _application(self, number: str, applied_at: datetime) -> ApplicationRow:
        known = self._applications[number]
        for application in known:
            if application.applied_at == applied_at:
                return application
        place = max((a.position for a in known), default=-1) + 1
        application = ApplicationRow(number=number, position=place, applied_at=applied_at)
        known.append(application)
        self._new[1].append(application)
        return application

    def _take_mail(
        self, application: ApplicationRow, kind: MailKind, status: MailStatus, at: datetime
    ) -> None:
        mails = self._mails[application.number, application.position]
        of_kind = [mail for mail in mails if mail.kind == kind]
        sent_at = None if status is MailStatus.queued else at
        newest = max(of_kind, key=lambda m: _known_at(m, application), default=None)
        if newest is None:
            mail = MailRow(
                number=application.number,
                application=application.position,
                position=max((m.position for m in mails), default=-1) + 1,
                kind=kind.value,
                status=status.value,
                sent_at=sent_at,
                status_at=at,
            )
            mails.append(mail)
            self._new[2].append(mail)
        elif (at, _RANK[status]) > _known_at(newest, application):
            newest.status, newest.sent_at, newest.status_at = status.value, sent_at, at


def _known_at(mail: MailRow, application: ApplicationRow) -> tuple[datetime, int]:
    """Since when the mail has its status; an import says only when it was sent."""
    at = mail.status_at or mail.sent_at or application.applied_at
    return at, _RANK[MailStatus(mail.status)]


def _earliest(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else min(known, at)
