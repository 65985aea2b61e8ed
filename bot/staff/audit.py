"""The audit trail as staff write and read it; rows are never changed (revision 0003)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, sessionmaker

from bot.clock import Clock
from bot.database import reading
from bot.staff.members import StaffMember
from bot.store.identity_tables import AuditRow
from bot.store.staff_tables import StaffRow

TOKYO = ZoneInfo("Asia/Tokyo")
PAGE = 50
_STAFF, _OPERATOR, _UNPROVEN = "staff", "operator", "unproven"
_LONGEST_DETAIL = 200


@dataclass(frozen=True)
class AuditFilter:
    """What to show; empty values do not filter. Days are civil days in Asia/Tokyo, inclusive."""

    person: str = ""
    number: str = ""
    event: str = ""
    since: date | None = None
    until: date | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """The filter as SQL."""
        if self.person:
            yield AuditRow.staff_id == self.person
        if self.number:
            yield AuditRow.number == self.number
        if self.event:
            yield AuditRow.event == self.event
        if self.since:
            yield AuditRow.at >= _midnight(self.since)
        if self.until:
            yield AuditRow.at < _midnight(self.until + timedelta(days=1))


@dataclass(frozen=True)
class Entry:
    """A row with the person's name ("" where no staff took part)."""

    id: int
    at: datetime
    event: str
    identity_path: str
    person: str
    number: str
    conversation_id: str
    detail: str


class StaffAudit:
    """Notes what staff do and reads the trail for supervisors."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def note(
        self,
        event: str,
        person: StaffMember | None,
        number: str | None = None,
        conversation_id: str | None = None,
        detail: str | None = None,
    ) -> None:
        """Add a row; `event` has up to 24 characters and a label in bot/wording/staff*.yml.

        Blocks (call it in a thread). Raises SQLAlchemyError: what cannot be noted is not shown.
        `detail` never holds a member's words.
        """
        with self._sessions.begin() as session:
            session.add(self.row(event, person, number, conversation_id, detail))

    def row(
        self,
        event: str,
        person: StaffMember | None,
        number: str | None = None,
        conversation_id: str | None = None,
        detail: str | None = None,
    ) -> AuditRow:
        """The row alone, for a transaction that is open anyway."""
        return self._row(
            _STAFF, event, person.id if person else None, number, conversation_id, detail
        )

    def note_refused(self, event: str, account_of: StaffMember | None) -> None:
        """Add a row for what somebody tried who did not prove to be `account_of`."""
        staff_id = account_of.id if account_of else None
        with self._sessions.begin() as session:
            session.add(self._row(_UNPROVEN, event, staff_id, None, None, None))

    def note_operator(self, event: str, staff_id: str | None, detail: str | None = None) -> None:
        """Add a row for what the operator did at the prompt, and to whose account."""
        with self._sessions.begin() as session:
            session.add(self._row(_OPERATOR, event, staff_id, None, None, detail))

    def _row(
        self,
        path: str,
        event: str,
        staff_id: str | None,
        number: str | None,
        conversation_id: str | None,
        detail: str | None,
    ) -> AuditRow:
        return AuditRow(
            at=self._clock(),
            event=event,
            identity_path=path,
            number=number or "",
            conversation_id=conversation_id or "",
            staff_id=staff_id,
            detail=detail[:_LONGEST_DETAIL] if detail else None,
        )

    def entries(self, wanted: AuditFilter, before: int | None, most: int = PAGE) -> list[Entry]:
        """The newest rows first, those with an id below `before`."""
        statement = (
            select(AuditRow, StaffRow.name)
            .outerjoin(StaffRow, StaffRow.id == AuditRow.staff_id)
            .where(*wanted.conditions())
            .order_by(AuditRow.id.desc())
            .limit(most)
        )
        if before is not None:
            statement = statement.where(AuditRow.id < before)
        with reading(self._sessions) as session:
            return [_entry(row, name) for row, name in session.execute(statement)]

    def people(self) -> list[tuple[str, str]]:
        """Id and name of everybody who has or had an account."""
        with reading(self._sessions) as session:
            found = session.execute(select(StaffRow.id, StaffRow.name).order_by(StaffRow.name))
            return [(staff_id, name) for staff_id, name in found]


def _entry(row: AuditRow, name: str | None) -> Entry:
    return Entry(
        id=row.id,
        at=row.at,
        event=row.event,
        identity_path=row.identity_path,
        person=name or "",
        number=row.number,
        conversation_id=row.conversation_id,
        detail=row.detail or "",
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), TOKYO)
