"""Telephone cases: begun, changed, paused, resumed, closed. Each call is one transaction."""

import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TypedDict, Unpack

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.calendar import tokyo_date
from actions.domain.tables import MemberRow
from bot.cases.overtaken import Form, to_write
from bot.cases.records import Case, CaseConflict, CaseNotFound, CaseState, case_of
from bot.clock import Clock
from bot.database import reading
from bot.staff.members import StaffMember
from bot.store.case_tables import CaseRow
from bot.wording import staff_members

_LONGEST_NOTED = 20_000
_DELETED_AT_ONCE = 200


class Changes(TypedDict, total=False):
    """What may change while a case runs; a field that is left out stays as it is."""

    caller: str
    phone: str
    conversation_id: str | None
    outcome: str | None
    topic: str | None
    agreed: str
    follow_up_on: date | None


class Cases:
    """The cases of all staff: whoever answers the telephone may take any of them up."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        clock: Clock,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`changed` is called after each write, outside the transaction."""
        self._sessions = sessions
        self._clock = clock
        self._changed = changed

    def begin(
        self, person: StaffMember, number: str | None = None, caller: str = "", phone: str = ""
    ) -> Case:
        """A new open case, for a number of the registry or without a look-up.

        A clerk has one caller at a time: what they left open is verified no longer.
        Raises CaseNotFound where the registry does not have the number.
        """
        now = self._clock()
        with self._sessions.begin() as session:
            member = session.get(MemberRow, number) if number is not None else None
            if number is not None and member is None:
                raise CaseNotFound(staff_members("problems")["no_member"])
            session.execute(
                update(CaseRow)
                .where(CaseRow.staff_id == person.id, CaseRow.state == CaseState.open)
                .values(verified_until=None, verified_items=[])
            )
            row = CaseRow(
                id=secrets.token_urlsafe(16),
                number=number,
                member_name=member.name if member else "",
                caller=caller[:100],
                phone=phone[:40],
                staff_id=person.id,
                staff_name=person.name[:100],
                verified_items=[],
                state=CaseState.open,
                created_at=now,
                updated_at=now,
            )
            session.add(row)
            session.flush()
            return case_of(row)

    def get(self, case_id: str) -> Case:
        """Raises CaseNotFound."""
        with reading(self._sessions) as session:
            row = session.get(CaseRow, case_id)
            if row is None:
                raise CaseNotFound(staff_members("problems")["no_case"])
            return case_of(row)

    def of_conversation(self, conversation_id: str) -> Case | None:
        """The case whose script the conversation is."""
        query = select(CaseRow).where(CaseRow.conversation_id == conversation_id)
        with reading(self._sessions) as session:
            row = session.scalars(query.order_by(CaseRow.created_at.desc())).first()
            return case_of(row) if row else None

    def change(self, case_id: str, **changes: Unpack[Changes]) -> Case:
        """Set fields. Raises CaseNotFound; CaseConflict for a closed case."""
        return self._write(case_id, lambda row, now: _take(row, changes), closed=False)

    def keep(self, case_id: str, form: Form, **changes: Unpack[Changes]) -> Case:
        """What a form of the running call says. Raises CaseNotFound; CaseOvertaken."""
        return self._write(case_id, lambda row, now: _take_form(row, changes, form))

    def amend(self, case_id: str, form: Form | None = None, **changes: Unpack[Changes]) -> Case:
        """The same, also for a closed case: what was agreed may be put right, a promise moved."""

        def put_right(row: CaseRow, _now: datetime) -> None:
            if form is None:
                _take(row, changes)
            else:
                _take_form(row, changes, form, closed=True)

        return self._write(case_id, put_right)

    def note(self, case_id: str, text: str) -> None:
        """Let the case be found by a note's text; the note itself is kept by the script."""

        def add(row: CaseRow, _now: datetime) -> None:
            row.noted = f"{row.noted}\n{text}".strip()[-_LONGEST_NOTED:]

        self._write(case_id, add)

    def pause(self, case_id: str) -> Case:
        """Put an open case aside. The verification ends with the call."""

        def put_aside(row: CaseRow, _now: datetime) -> None:
            row.state = CaseState.paused
            row.verified_until, row.verified_items = None, []

        return self._write(case_id, put_aside, closed=False)

    def resume(self, case_id: str, person: StaffMember) -> Case:
        """Go on with a case, whoever had it; the caller is verified anew (another call)."""

        def take_up(row: CaseRow, _now: datetime) -> None:
            if row.state == CaseState.paused:
                row.state = CaseState.open
            if row.staff_id != person.id:
                row.verified_until, row.verified_items = None, []
            row.staff_id, row.staff_name = person.id, person.name[:100]

        return self._write(case_id, take_up, closed=False)

    def close(self, case_id: str, form: Form | None = None, **changes: Unpack[Changes]) -> Case:
        """End the call; closing a closed case changes nothing.

        With a `form` nothing of it is dropped: raises CaseOvertaken where another was first.
        """

        def end(row: CaseRow, now: datetime) -> None:
            if form is not None:
                _take_form(row, changes, form)
            if row.state == CaseState.closed:
                return
            if form is None:
                _take(row, changes)
            row.state, row.closed_at, row.verified_until = CaseState.closed, now, None

        return self._write(case_id, end)

    def followed_up(self, case_id: str) -> Case:
        """The promise to come back was kept."""

        def done(row: CaseRow, now: datetime) -> None:
            row.follow_up_done_at = row.follow_up_done_at or now

        return self._write(case_id, done)

    def forget(self, before: datetime) -> int:
        """Delete some of the cases that nobody touched since `before`; gives how many.

        What is promised for later keeps its case.
        """
        today = tokyo_date(self._clock())
        promised = func.coalesce(CaseRow.follow_up_on, date.min) >= today
        old = select(CaseRow.id).where(CaseRow.updated_at < before, ~promised)
        with self._sessions.begin() as session:
            gone = session.scalars(
                delete(CaseRow)
                .where(CaseRow.id.in_(old.limit(_DELETED_AT_ONCE)))
                .returning(CaseRow.id)
            ).all()
        return len(gone)

    def _write(
        self, case_id: str, act: Callable[[CaseRow, datetime], None], closed: bool = True
    ) -> Case:
        now = self._clock()
        with self._sessions.begin() as session:
            row = session.get(CaseRow, case_id, with_for_update=True)
            if row is None:
                raise CaseNotFound(staff_members("problems")["no_case"])
            if row.state == CaseState.closed and not closed:
                raise CaseConflict(staff_members("problems")["closed"])
            act(row, now)
            row.updated_at = now
            session.flush()
            case = case_of(row)
        self._changed()
        return case


def _take_form(row: CaseRow, changes: Changes, form: Form, closed: bool = False) -> None:
    sentence = staff_members("problems")["overtaken"]
    _take(row, to_write(case_of(row), changes, form, sentence, closed))


def _take(row: CaseRow, changes: Mapping[str, object]) -> None:
    if "follow_up_on" in changes and changes["follow_up_on"] != row.follow_up_on:
        row.follow_up_done_at = None
    limits = {"caller": 100, "phone": 40}
    for name, value in changes.items():
        if isinstance(value, str) and name in limits:
            value = value[: limits[name]]
        setattr(row, name, value)
