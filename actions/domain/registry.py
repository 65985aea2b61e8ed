"""Look-ups in the registry: a number in, what is known of it out.

Nothing here writes. Every call is one short read-only transaction, so that an import
under way neither blocks a look-up nor shows half of itself.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from actions.domain.calendar import BusinessCalendar
from actions.domain.registration import (
    Application,
    Mail,
    MailKind,
    MailStatus,
    MemberKind,
    Registration,
)
from actions.domain.tables import (
    READ_ONLY,
    ApplicationRow,
    ClosureRow,
    CutoffRow,
    ImportRow,
    MailRow,
    MemberRow,
)

AnyColumns = tuple[Any, ...]
SECONDS_UNTIL_CLOSURES_ARE_READ_AGAIN = 3.0


@dataclass(frozen=True)
class RegistryRecord:
    """One number's registration and the instant `as_of` to which it belongs (UTC).

    Name and addresses are for the office; they are kept out of `repr`, hence out of logs.
    """

    registration: Registration = field(repr=False)
    as_of: datetime
    name: str = field(repr=False)
    kana: str = field(repr=False)
    email: str = field(repr=False)
    phone: str | None = field(repr=False)
    demo: bool = False


@dataclass(frozen=True)
class ImportRecord:
    """The last finished import; instants in UTC, counts of what it brought."""

    started_at: datetime
    finished_at: datetime
    as_of: datetime
    source: str
    members: int
    applications: int


@dataclass(frozen=True)
class Closure:
    """A day (civil date) on which the office is closed, and why."""

    day: date
    reason: str


class Registry:
    """Reads members, closures and cut-off days through sessions of `session_factory`.

    Every method raises `sqlalchemy.exc.SQLAlchemyError` where the database does not answer:
    the caller says then that it cannot be checked right now, and never guesses.
    """

    def __init__(
        self,
        session_factory: Callable[[], Session],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session_factory = session_factory
        self._clock = clock
        self._closures: frozenset[date] | None = None
        self._calendar = BusinessCalendar()
        self._read_at = 0.0

    def look_up(self, number: str) -> RegistryRecord | None:
        """The record of a registration number (6 digits), None where it is not known."""
        rows = self._rows(_ONE_MEMBER.where(MemberRow.number == number))
        return _record(rows) if rows else None

    def latest_import(self) -> ImportRecord | None:
        """The import that finished last; None before the first one."""
        columns = (
            ImportRow.started_at,
            ImportRow.finished_at,
            ImportRow.as_of,
            ImportRow.source,
            ImportRow.members,
            ImportRow.applications,
        )
        rows = self._rows(select(*columns).order_by(ImportRow.id.desc()).limit(1))
        return ImportRecord(**rows[0]._asdict()) if rows else None

    def calendar(self) -> BusinessCalendar:
        """The office's calendar with its closures; a change shows within seconds."""
        now = self._clock()
        age = now - self._read_at
        if self._closures is None or age >= SECONDS_UNTIL_CLOSURES_ARE_READ_AGAIN:
            closures = frozenset(row.day for row in self._rows(select(ClosureRow.day)))
            if closures != self._closures:
                self._calendar = BusinessCalendar(closures)
            self._closures, self._read_at = closures, now
        return self._calendar

    def closures(self) -> tuple[Closure, ...]:
        """All closures that the office has set, by date."""
        rows = self._rows(select(ClosureRow.day, ClosureRow.reason).order_by(ClosureRow.day))
        return tuple(Closure(row.day, row.reason) for row in rows)

    def cutoffs(self) -> dict[str, int]:
        """All cut-off days that the office has set, by month ("YYYY-MM"), oldest first."""
        rows = self._rows(select(CutoffRow.month, CutoffRow.day).order_by(CutoffRow.month))
        return {row.month: row.day for row in rows}

    def cutoff_day(self, month: str, default: int) -> int:
        """The cut-off day (1-31) of `month` ("YYYY-MM"), `default` where none is stored."""
        rows = self._rows(select(CutoffRow.day).where(CutoffRow.month == month))
        return int(rows[0].day) if rows else default

    def _rows(self, statement: Select[*AnyColumns]) -> Sequence[Row[*AnyColumns]]:
        with self._session_factory() as session:
            session.connection(execution_options=READ_ONLY)
            return session.execute(statement).all()


# One statement, so that an import that commits in between is seen wholly or not at all.
_ONE_MEMBER = (
    select(
        MemberRow.number,
        MemberRow.kind,
        MemberRow.name,
        MemberRow.kana,
        MemberRow.email,
        MemberRow.phone,
        MemberRow.web_registered_on,
        MemberRow.as_of,
        MemberRow.demo,
        ApplicationRow.position,
        ApplicationRow.applied_at,
        ApplicationRow.url_clicked_at,
        ApplicationRow.opened_at,
        MailRow.kind.label("mail_kind"),
        MailRow.status,
        MailRow.sent_at,
    )
    .join_from(MemberRow, ApplicationRow, isouter=True)
    .join(
        MailRow,
        (MailRow.number == ApplicationRow.number)
        & (MailRow.application == ApplicationRow.position),
        isouter=True,
    )
    .order_by(ApplicationRow.position, MailRow.position)
)


def _record(rows: Sequence[Row[*AnyColumns]]) -> RegistryRecord:
    first = rows[0]
    registration = Registration(
        number=first.number,
        kind=MemberKind(first.kind) if first.kind else None,
        web_registered_on=first.web_registered_on,
        applications=_applications(rows),
        name=first.name or None,
    )
    return RegistryRecord(
        registration,
        as_of=first.as_of,
        name=first.name,
        kana=first.kana,
        email=first.email,
        phone=first.phone,
        demo=first.demo,
    )


def _applications(rows: Sequence[Row[*AnyColumns]]) -> tuple[Application, ...]:
    mails: dict[int, list[Mail]] = {}
    firsts: dict[int, Row[*AnyColumns]] = {}
    for row in rows:
        if row.position is None:
            continue
        firsts.setdefault(row.position, row)
        sent = mails.setdefault(row.position, [])
        if row.mail_kind is not None:
            sent.append(Mail(MailKind(row.mail_kind), MailStatus(row.status), row.sent_at))
    return tuple(
        Application(row.applied_at, row.url_clicked_at, row.opened_at, tuple(mails[position]))
        for position, row in firsts.items()
    )
